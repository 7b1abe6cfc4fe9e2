"""Makes the dozen documents of the demo in resources/demo/documents, byte for byte the same each time.

Needs reportlab and pillow, which are no dependencies of Labkeep: the files that come out are committed. Everything
in them is invented; sequences and readings come from a seeded generator.
"""

import csv
import io
import math
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import reportlab
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from reportlab.lib import colors
from reportlab.lib.fonts import addMapping
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

TARGET = Path(__file__).resolve().parent.parent / "resources" / "demo" / "documents"
INK = colors.HexColor("#1f2933")
ACCENT = colors.HexColor("#1d6f8c")
HAIRLINE = colors.HexColor("#cbd2d9")
TITLE = ParagraphStyle("title", fontName="Vera-Bold", fontSize=16, leading=20, textColor=INK, spaceAfter=2 * mm)
HEADING = ParagraphStyle(
    "heading", fontName="Vera-Bold", fontSize=10.5, leading=14, textColor=ACCENT, spaceBefore=4 * mm, spaceAfter=1 * mm
)
BODY = ParagraphStyle("body", fontName="Vera", fontSize=9, leading=13, textColor=INK)
BLOOD_COUNT = (
    ("Test", "Result", "Unit", "Reference", "Flag"),
    ("Haemoglobin", "9.8", "g/dL", "12.0 - 15.5", "L"),
    ("Haematocrit", "31.2", "%", "36.0 - 46.0", "L"),
    ("Erythrocytes", "4.41", "10^12/L", "3.90 - 5.10", ""),
    ("MCV", "70.7", "fL", "80.0 - 96.0", "L"),
    ("MCH", "22.2", "pg", "27.0 - 33.0", "L"),
    ("RDW", "18.4", "%", "11.5 - 14.5", "H"),
    ("Leukocytes", "6.92", "10^9/L", "4.00 - 10.00", ""),
    ("Neutrophils", "3.88", "10^9/L", "2.00 - 7.00", ""),
    ("Lymphocytes", "2.31", "10^9/L", "1.00 - 3.00", ""),
    ("Platelets", "342", "10^9/L", "150 - 400", ""),
    ("Ferritin", "6.1", "ng/mL", "13 - 150", "L"),
)


def seeded(seed: int) -> random.Random:
    """Chance that comes out the same on every machine."""
    return random.Random(seed)  # the same pictures each time, no secrets


def register_fonts() -> None:
    """reportlab's own TrueType fonts: they have the letters that the standard fonts lack."""
    fonts = Path(reportlab.__file__).parent / "fonts"
    pdfmetrics.registerFont(TTFont("Vera", str(fonts / "Vera.ttf")))
    pdfmetrics.registerFont(TTFont("Vera-Bold", str(fonts / "VeraBd.ttf")))
    addMapping("Vera", 0, 0, "Vera")
    addMapping("Vera-Bold", 0, 0, "Vera-Bold")


def pdf(title: str, story: list[Flowable]) -> bytes:
    """A4 pages with the story; ``invariant`` leaves out the time and the random id of the file."""
    output = io.BytesIO()
    margin = 22 * mm
    document = SimpleDocTemplate(
        output,
        pagesize=A4,
        title=title,
        author="Labkeep demo",
        invariant=1,
        leftMargin=margin,
        rightMargin=margin,
        topMargin=margin,
        bottomMargin=margin,
    )
    document.build(story)
    return output.getvalue()


def grid(rows: tuple[tuple[str, ...], ...], widths: tuple[float, ...]) -> Table:
    """A plain table with hairlines and a bold first row."""
    table = Table([list(row) for row in rows], colWidths=[width * mm for width in widths], hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("FONT", (0, 0), (-1, -1), "Vera", 8.5),
                ("FONT", (0, 0), (-1, 0), "Vera-Bold", 8.5),
                ("TEXTCOLOR", (0, 0), (-1, -1), INK),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, HAIRLINE),
                ("LINEBELOW", (0, 0), (-1, 0), 1, ACCENT),
            ]
        )
    )
    return table


def blood_count_report() -> bytes:
    """A report of a complete blood count with its reference ranges."""
    title = "Complete blood count"
    facts = (
        ("Sample", "IST-26-0001"),
        ("Subject", "P-1031 (study code)"),
        ("Tube", "EDTA K2, 4 mL"),
        ("Received", "2026-11-02 09:40"),
        ("Analyser", "HA-5 no. 2"),
    )
    return pdf(
        title,
        [
            Paragraph(title, TITLE),
            Paragraph("Istanbul Medical Center, Haematology laboratory", BODY),
            Spacer(1, 4 * mm),
            grid(facts, (30, 80)),
            Paragraph("Results", HEADING),
            grid(BLOOD_COUNT, (42, 24, 26, 40, 16)),
            Paragraph("Comment", HEADING),
            Paragraph(
                "Microcytic, hypochromic picture with a high RDW and a low ferritin: in keeping with iron deficiency. "
                "Repeat after eight weeks of replacement.",
                BODY,
            ),
            Spacer(1, 6 * mm),
            Paragraph("Invented data, made for the demonstration of Labkeep.", BODY),
        ],
    )


def consent_form() -> bytes:
    """A consent form in Turkish, so that letters beyond Latin-1 are seen in every part of the program."""
    title = "Bilgilendirilmiş gönüllü olur formu"
    paragraphs = (
        (
            "Araştırmanın amacı",
            (
                "Bu çalışmada, demir eksikliği anemisinde kan sayımı değerlerinin tedavi boyunca nasıl "
                "değiştiği izlenecektir. Çalışmaya katılmak tamamen sizin isteğinize bağlıdır."
            ),
        ),
        (
            "Yapılacak işlemler",
            (
                "Kolunuzdan iki kez, sekiz hafta arayla, 4 mL kan alınacaktır. Örnekler kod numarası ile "
                "saklanır; adınız laboratuvara bildirilmez."
            ),
        ),
        (
            "Gizlilik",
            (
                "Kişisel bilgileriniz gizli tutulur. Örneğinizin imha edilmesini istediğiniz zaman, gerekçe "
                "göstermeden isteyebilirsiniz."
            ),
        ),
        (
            "Olası riskler",
            "İğne yerinde hafif ağrı ve morarma görülebilir; birkaç gün içinde kendiliğinden geçer.",
        ),
    )
    story: list[Flowable] = [
        Paragraph(title, TITLE),
        Paragraph("Istanbul Medical Center, Çalışma kodu ANEMIA-26, Sürüm 2", BODY),
    ]
    for heading, text in paragraphs:
        story += [Paragraph(heading, HEADING), Paragraph(text, BODY)]
    signatures = (("Gönüllü", "Araştırmacı", "Tarih"), ("................", "................", "................"))
    story += [Spacer(1, 14 * mm), grid(signatures, (55, 55, 40))]
    return pdf(title, story)


def storage_procedure() -> bytes:
    """A standard operating procedure about frozen tissue."""
    title = "SOP-014: Freezing and storing tissue"
    steps = (
        "Put on cryogenic gloves and a face shield; check the oxygen alarm of the room.",
        "Write the barcode on the cryovial before the tissue is cut. Two persons read it aloud.",
        "Cut pieces of at most 5 mm and embed them in cutting medium without air bubbles.",
        "Lower the mould into isopentane cooled by liquid nitrogen for 40 seconds.",
        "Move the block into the vial and the vial into rack, box and position as planned.",
        "Scan the barcode, enter the time of freezing, and let a second person confirm the position.",
    )
    places = (
        ("Freezer", "Temperature", "For", "Alarm"),
        ("ANK-F1", "-80 C", "Tissue, plasma", "above -72 C"),
        ("ANK-F2", "-80 C", "DNA, RNA", "above -72 C"),
        ("ANK-N1", "vapour phase", "Cell lines", "level under 30%"),
    )
    story: list[Flowable] = [
        Paragraph(title, TITLE),
        Paragraph("Ankara Research Lab, valid from 2026-09-01", BODY),
        Paragraph("Procedure", HEADING),
    ]
    story += [Paragraph(f"{number}. {step}", BODY) for number, step in enumerate(steps, 1)]
    story += [Paragraph("Places", HEADING), grid(places, (30, 32, 42, 40))]
    return pdf(title, story)


def png(image: Image.Image) -> bytes:
    """The image as PNG without a time stamp."""
    output = io.BytesIO()
    image.save(output, "PNG", optimize=True)
    return output.getvalue()


def gel() -> bytes:
    """An agarose gel: a ladder and seven lanes of bands on a noisy ground."""
    chance = seeded(26_1)
    width, height, lanes = 760, 520, 8
    image = Image.new("L", (width, height), 26)
    draw = ImageDraw.Draw(image)
    ladder = (70, 110, 146, 182, 216, 252, 292, 336, 392, 452)
    for lane in range(lanes):
        left = 40 + lane * 88
        draw.rectangle((left, 30, left + 62, 38), fill=8)
        bands = ladder if lane == 0 else chance.sample(ladder, k=chance.choice((1, 1, 2, 3)))
        for band in bands:
            light = chance.randint(140, 235)
            draw.rectangle((left + 3, band, left + 59, band + chance.randint(5, 9)), fill=light)
    image = image.filter(ImageFilter.GaussianBlur(2.2))
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(15)
    for lane, name in enumerate(("1 kb", "0016", "0017", "0018", "0019", "0020", "NTC", "POS")):
        draw.text((52 + lane * 88, 8), name, fill=230, font=font)
    # Sixteen greys are enough for a gel and keep the file small.
    return png(image.quantize(16))


def histology() -> bytes:
    """A stained section seen through the microscope, with a scale bar."""
    chance = seeded(26_2)
    size = 560
    image = Image.new("RGB", (size, size), (243, 222, 233))
    draw = ImageDraw.Draw(image)
    for _ in range(240):
        x, y, reach = chance.randrange(size), chance.randrange(size), chance.randint(20, 48)
        pink = chance.randint(0, 26)
        draw.ellipse((x - reach, y - reach // 2, x + reach, y + reach // 2), fill=(228 - pink, 168 - pink, 198 - pink))
    for _ in range(620):
        x, y, reach = chance.randrange(size), chance.randrange(size), chance.randint(4, 9)
        blue = chance.randint(0, 40)
        draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=(108 - blue, 74 - blue // 2, 150 - blue))
    image = image.filter(ImageFilter.GaussianBlur(1.1))
    draw = ImageDraw.Draw(image)
    draw.rectangle((size - 150, size - 32, size - 30, size - 26), fill=(20, 20, 20))
    draw.text((size - 122, size - 54), "100 µm", fill=(20, 20, 20), font=ImageFont.load_default(16))
    return png(image.quantize(64))


def table_file(rows: Iterator[tuple[object, ...]]) -> bytes:
    """Rows as CSV in UTF-8 with the line ends of RFC 4180."""
    output = io.StringIO(newline="")
    csv.writer(output).writerows(rows)
    return output.getvalue().encode()


def blood_counts() -> bytes:
    """The analyser's export of one month."""
    chance = seeded(26_3)

    def rows() -> Iterator[tuple[object, ...]]:
        yield "run_at", "barcode", "hgb_g_dl", "hct_pct", "rbc_10e12_l", "mcv_fl", "wbc_10e9_l", "plt_10e9_l"
        for number in range(120):
            hgb = round(chance.gauss(13.2, 1.7), 1)
            rbc = round(hgb / 2.9 + chance.gauss(0, 0.2), 2)
            hct = round(hgb * 3.02 + chance.gauss(0, 0.6), 1)
            at = f"2026-10-{number // 4 + 1:02d}T{8 + number % 4 * 2:02d}:{chance.randrange(60):02d}:00+03:00"
            mcv = round(hct * 10 / rbc, 1)
            barcode = f"IST-26-{1000 + number}"
            yield at, barcode, hgb, hct, rbc, mcv, round(chance.gauss(6.9, 1.6), 2), chance.randint(160, 410)

    return table_file(rows())


def qpcr_curves() -> bytes:
    """Fluorescence of a 40 cycle run, one row per well."""
    chance = seeded(26_4)

    def rows() -> Iterator[tuple[object, ...]]:
        yield "well", "barcode", "target", *(f"cycle_{cycle}" for cycle in range(1, 41))
        for number in range(24):
            middle = chance.uniform(19, 33)
            curve = (
                round(0.02 + 1.9 / (1 + math.exp(-(cycle - middle) / 1.6)) + chance.gauss(0, 0.006), 4)
                for cycle in range(1, 41)
            )
            yield f"{'ABCDEFGH'[number % 8]}{number // 8 + 1}", f"ANK-26-{number % 12 + 1:04d}", "GAPDH", *curve

    return table_file(rows())


def fasta(seed: int, names: tuple[str, ...], length: int) -> bytes:
    """Invented nucleotide sequences in lines of 60."""
    chance = seeded(seed)
    lines: list[str] = []
    for name in names:
        sequence = "".join(chance.choices("ACGT", weights=(29, 21, 21, 29), k=length + chance.randint(-40, 40)))
        lines += [f">{name} length={len(sequence)}", *(sequence[at : at + 60] for at in range(0, len(sequence), 60))]
    return ("\n".join(lines) + "\n").encode()


def amplicons() -> bytes:
    """Six amplicons of a panel."""
    return fasta(26_5, tuple(f"ANK-26-{number:04d}_amplicon_{number}" for number in range(1, 7)), 640)


def cultures() -> bytes:
    """Partial 16S-like reads of nine isolates."""
    return fasta(26_6, tuple(f"isolate_{number:02d} sample=IST-26-{number + 8:04d}" for number in range(1, 10)), 1_180)


def variants() -> bytes:
    """A small variant call file, version 4.3."""
    chance = seeded(26_7)
    head = [
        "##fileformat=VCFv4.3",
        "##fileDate=20261105",
        "##source=labkeep-demo",
        '##FILTER=<ID=q20,Description="Quality below 20">',
        '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">',
        '##INFO=<ID=AF,Number=A,Type=Float,Description="Allele fraction">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tANK-26-0004",
    ]
    rows = []
    for position in sorted(chance.sample(range(10_000, 9_000_000), 60)):
        old, new = chance.sample("ACGT", 2)
        quality, depth = chance.randint(8, 99), chance.randint(18, 240)
        genotype = chance.choice(("0/1", "0/1", "1/1"))
        fraction = round(chance.uniform(0.42, 0.58) if genotype == "0/1" else chance.uniform(0.95, 1.0), 3)
        kept = "PASS" if quality >= 20 else "q20"
        info = f"DP={depth};AF={fraction}"
        rows.append(f"demo1\t{position}\t.\t{old}\t{new}\t{quality}\t{kept}\t{info}\tGT\t{genotype}")
    return ("\n".join(head + rows) + "\n").encode()


def centrifuge_log() -> bytes:
    """What an instrument writes."""
    chance = seeded(26_8)
    lines = ["# centrifuge ANK-C2  firmware 4.1  time zone +03:00"]
    for run in range(1, 33):
        stamp = f"2026-11-{(run + 1) // 2:02d} {9 + run % 2 * 4:02d}:{chance.randrange(60):02d}"
        lines.append(f"{stamp}  run {run:04d}  start  1500 g  10 min  4 C")
        verdict = "imbalance, stopped" if run == 17 else f"done  max {round(chance.uniform(4.0, 5.2), 1)} C"
        lines.append(f"{stamp}  run {run:04d}  {verdict}")
    return ("\n".join(lines) + "\n").encode()


def bench_notes() -> bytes:
    """Notes of a day at the bench, in Turkish."""
    lines = (
        "Laboratuvar defteri, 3 Kasım 2026",
        "",
        "08:50  Buz dolabı kontrolü: +4,1 °C. Kayıt edildi.",
        "09:40  IST-26-0001 ile IST-26-0006 arası tüpler geldi; 0005 pıhtılı, reddedildi.",
        "10:15  Kan sayımı, HA-5 no. 2. Kalite kontrolü: düşük, normal, yüksek düzeyler uygun.",
        "11:30  Ferritin ölçümü. 0001 düşük çıktı (6,1 ng/mL), tekrarlandı: 6,0.",
        "14:05  İdrar örnekleri santrifüj edildi, 400 g, 5 dakika.",
        "16:20  Sonuçlar Dr. Yılmaz ile görüşüldü; dosyalar Labkeep'e eklendi.",
    )
    return ("\n".join(lines) + "\n").encode()


DOCUMENTS: dict[str, Callable[[], bytes]] = {
    "complete-blood-count-P-1031.pdf": blood_count_report,
    "gönüllü-olur-formu.pdf": consent_form,
    "SOP-014-freezing-tissue.pdf": storage_procedure,
    "gel-2026-11-04.png": gel,
    "liver-section-HE.png": histology,
    "blood-counts-2026-10.csv": blood_counts,
    "qpcr-run-118.csv": qpcr_curves,
    "panel-amplicons.fasta": amplicons,
    "isolates-16S.fasta": cultures,
    "ANK-26-0004.vcf": variants,
    "centrifuge-ANK-C2.txt": centrifuge_log,
    "bench-notes-2026-11-03.txt": bench_notes,
}


def main() -> None:
    """Write every document and say how large they are."""
    register_fonts()
    TARGET.mkdir(parents=True, exist_ok=True)
    total = 0
    for name, make in DOCUMENTS.items():
        content = make()
        (TARGET / name).write_bytes(content)
        total += len(content)
        sys.stdout.write(f"{len(content):>8,}  {name}\n")
    sys.stdout.write(f"{total:>8,}  together\n")


if __name__ == "__main__":
    main()
