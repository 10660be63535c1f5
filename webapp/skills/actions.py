"""The skills an installation begins with."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert

from webapp.core.database.base import db
from webapp.skills.models import Skill

FIRST_SKILLS: tuple[tuple[str, str, str], ...] = (
    ("accounting", "Accounting basics", "Kế toán cơ bản"),
    ("audio-editing", "Audio editing", "Biên tập âm thanh"),
    ("branding", "Branding", "Xây dựng thương hiệu"),
    ("business-writing", "Business writing", "Viết văn bản kinh doanh"),
    ("community-management", "Community management", "Quản lý cộng đồng"),
    ("copywriting", "Copywriting", "Viết quảng cáo"),
    ("customer-support", "Customer support", "Chăm sóc khách hàng"),
    ("data-analysis", "Data analysis", "Phân tích dữ liệu"),
    ("data-entry", "Data entry", "Nhập dữ liệu"),
    ("data-visualisation", "Data visualisation", "Trực quan hoá dữ liệu"),
    ("english", "English", "Tiếng Anh"),
    ("event-planning", "Event planning", "Tổ chức sự kiện"),
    ("fact-checking", "Fact checking", "Kiểm chứng thông tin"),
    ("field-research", "Field research", "Khảo sát thực địa"),
    ("financial-modelling", "Financial modelling", "Mô hình tài chính"),
    ("front-end", "Front-end development", "Lập trình giao diện"),
    ("fundraising", "Fundraising", "Gây quỹ"),
    ("gis", "Maps and geodata", "Bản đồ và dữ liệu địa lý"),
    ("graphic-design", "Graphic design", "Thiết kế đồ hoạ"),
    ("illustration", "Illustration", "Vẽ minh hoạ"),
    ("interviewing", "Interviewing", "Phỏng vấn"),
    ("journalism", "Journalism", "Báo chí"),
    ("legal-research", "Legal research", "Nghiên cứu pháp lý"),
    ("literature-review", "Literature review", "Tổng quan tài liệu"),
    ("logistics", "Logistics", "Hậu cần"),
    ("market-research", "Market research", "Nghiên cứu thị trường"),
    ("photography", "Photography", "Nhiếp ảnh"),
    ("presentation", "Presentations", "Trình bày"),
    ("product-management", "Product management", "Quản lý sản phẩm"),
    ("project-planning", "Project planning", "Lập kế hoạch dự án"),
    ("python", "Python", "Lập trình Python"),
    ("quality-testing", "Software testing", "Kiểm thử phần mềm"),
    ("search-engines", "Search engine optimisation", "Tối ưu hoá công cụ tìm kiếm"),
    ("social-media", "Social media", "Mạng xã hội"),
    ("spreadsheets", "Spreadsheets", "Bảng tính"),
    ("sql", "SQL", "Truy vấn SQL"),
    ("statistics", "Statistics", "Thống kê"),
    ("survey-design", "Survey design", "Thiết kế khảo sát"),
    ("teaching", "Teaching and tutoring", "Giảng dạy và kèm học"),
    ("technical-writing", "Technical writing", "Viết tài liệu kỹ thuật"),
    ("translation", "Translation", "Biên dịch"),
    ("user-research", "User research", "Nghiên cứu người dùng"),
    ("ux-design", "User experience design", "Thiết kế trải nghiệm người dùng"),
    ("video-editing", "Video editing", "Dựng phim"),
    ("vietnamese", "Vietnamese", "Tiếng Việt"),
)


def plant() -> None:
    """Fill the list of skills; those that are there already stay as they are."""
    rows = [
        {"slug": slug, "name_en": english, "name_vi": vietnamese}
        for slug, english, vietnamese in FIRST_SKILLS
    ]
    db.session.execute(insert(Skill).values(rows).on_conflict_do_nothing(index_elements=["slug"]))
