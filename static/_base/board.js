// The board's comforts over forms that work without this file: every way to move a card ends in the same form post as the button on
// the card. One module a concern; without them, the card's button and its Move… sheet do the same.
import "./board/moves.js";
import "./board/answers.js";
import "./board/live.js";
import "./board/drag.js";
import "./board/keys.js";
