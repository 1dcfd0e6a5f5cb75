"""Names of columns in other languages than English, as exports of vendors and sheets of teams have them."""

import re
import unicodedata
from functools import lru_cache

# scripts without spaces between words: the longest name first
_WRITTEN = {
    "未命中": " miss ", "命中": " hit ", "输入": " input ", "輸入": " input ", "入力": " input ", "입력": " input ", "提示": " prompt ",
    "プロンプト": " prompt ", "프롬프트": " prompt ", "输出": " output ", "輸出": " output ", "出力": " output ", "출력": " output ",
    "补全": " completion ", "생성": " output ", "トークン数": " tokens ", "トークン": " tokens ", "토큰": " tokens ", "令牌": " tokens ",
    "缓存": " cache ", "快取": " cache ", "キャッシュ": " cache ", "캐시": " cache ", "推理": " reasoning ", "思考": " reasoning ", "推論": " reasoning ",
    "模型名称": " model ", "模型": " model ", "モデル名": " model ", "モデル": " model ", "모델": " model ",
    "调用次数": " requests ", "请求次数": " requests ", "请求数": " requests ", "リクエスト数": " requests ", "呼び出し回数": " requests ", "요청수": " requests ",
    "调用时间": " timestamp ", "请求时间": " timestamp ", "创建时间": " timestamp ", "時間": " time ", "时间": " time ", "시간": " time ",
    "日時": " datetime ", "日付": " date ", "日期": " date ", "날짜": " date ", "合計": " total ", "合计": " total ", "总": " total ", "総": " total ", "總": " total ", "총": " total ",
    "費用": " cost ", "费用": " cost ", "金额": " cost ", "料金": " cost ", "비용": " cost ", "円": " jpy ", "元": " cny ", "状态": " status ", "ステータス": " status ",
    "会话": " session ", "供应商": " provider ",
}  # fmt: skip
_ANY = re.compile("|".join(sorted(_WRITTEN, key=len, reverse=True)))
_MARKS = re.compile(r"[\u0300-\u036f]")


@lru_cache(maxsize=20_000)
def in_english(name: str) -> str:
    """Return a name with its words of other scripts in English, and its letters without accents.

    >>> in_english("输入Token数"), in_english("Modèle")
    ('input Token数', 'Modele')
    """
    if name.isascii():
        return name
    bare = unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", name)))
    return _ANY.sub(lambda found: _WRITTEN[found[0]], bare).strip()
