"""Photos at the console: put up in a form, seen by everybody, light, and from this house alone."""

import io
import re
from uuid import UUID

import httpx2
from console.conftest import Town
from console.reader import Reader, words
from console.test_papers import send
from console.test_weight import MOST, first_load
from handed import picture
from PIL import Image, ImageDraw, ImageFilter

from quartier.kit.ids import new_id

HERE = "/raeume/bilder"
WORDS = {"deutsch": "Eine <b>helle</b> Halle", "englisch": "A bright hall"}


def photo_like(seed: int = 0) -> bytes:
    """Shapes, light and grain, as a camera sees a room."""
    found = Image.radial_gradient("L").resize((1600, 1200)).convert("RGB")
    pen = ImageDraw.Draw(found)
    for n in range(60):
        x, y = (n * 197 + seed * 31) % 1500, (n * 131) % 1100
        pen.rectangle((x, y, x + 40 + n * 3, y + 90), fill=((n * 40) % 256, (n * 70) % 256, (n * 20 + seed) % 256))
    grain = Image.effect_noise((1600, 1200), 40).convert("RGB")
    out = io.BytesIO()
    Image.blend(found.filter(ImageFilter.GaussianBlur(1)), grain, 0.15).save(out, "JPEG", quality=90)
    return out.getvalue()


async def space_of(town: Town, nth: int = 0) -> str:
    rows = await town.west.site.sql(
        "select id from app.space where tenant_id = $1 and state = 'open' order by position, id", town.west.site.id
    )
    return f"spc_{rows[nth]['id']}"


async def add(reader: Reader, space: str, body: bytes, name: str = "halle.png", **more: str) -> httpx2.Response:
    return await send(reader, HERE, {"raum": space} | WORDS | more, datei=(name, body))


async def drop_all(town: Town) -> None:
    await town.west.site.sql("delete from app.space_photo where tenant_id = $1", town.west.site.id)


async def test_a_photo_is_put_up_described_moved_and_taken_away(town: Town) -> None:
    await drop_all(town)
    manager, space = await town.reader("manager"), await space_of(town)
    for _ in range(2):
        done = await add(manager, space, picture())
        assert (done.status_code, done.headers["location"]) == (303, f"{HERE}?raum={space}&getan=gespeichert"), words(
            done
        )
    shown = await manager.get(f"{HERE}?raum={space}")
    first, second = re.findall(r'action="/raeume/bilder/(sph_[^/]+)/beschreiben"', shown.text)
    assert 'alt="Eine &lt;b&gt;helle&lt;/b&gt; Halle"' in shown.text
    again = {"raum": space, "version": "1", "deutsch": "Halle", "englisch": "", "key": str(new_id())}
    wrong = await manager.post(f"{HERE}/{second}/beschreiben", again)
    assert (wrong.status_code, 'value="Halle"' in wrong.text) == (422, True)
    right = again | {"englisch": "Hall", "key": str(new_id())}
    assert (await manager.post(f"{HERE}/{second}/beschreiben", right)).status_code == 303
    front = {"raum": space, "key": str(new_id())}
    assert (await manager.post(f"{HERE}/{second}/vor", front)).status_code == 303
    order = re.findall(
        r'action="/raeume/bilder/(sph_[^/]+)/beschreiben"', (await manager.get(f"{HERE}?raum={space}")).text
    )
    assert order == [second, first]
    path = f"/raumbilder/{first}/klein.webp"
    assert (await town.stranger().get(path)).status_code == 200
    assert (await manager.post(f"{HERE}/{first}/entfernen", front | {"key": str(new_id())})).status_code == 303
    assert (await town.stranger().get(path)).status_code == 404
    assert (await manager.post(f"{HERE}/{second}/quatsch", front)).status_code == 404


async def test_54_what_is_no_picture_is_told_beside_the_field_and_nothing_typed_is_lost(town: Town) -> None:
    await drop_all(town)
    manager, space = await town.reader("manager"), await space_of(town)
    for body, name, said in (
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "keine von diesen: PNG, JPEG, WebP"),
        (picture(), "a.png.exe", "Dieser Dateiname geht nicht"),
        (picture(), "../a.png", "Dieser Dateiname geht nicht"),
        (b"", "leer.png", "In der Datei steht nichts"),
    ):
        answer = await add(manager, space, body, name)
        assert answer.status_code == 422, name
        assert said in words(answer), name
        assert 'value="A bright hall"' in answer.text
    untold = await add(manager, space, picture(), englisch="")
    assert untold.status_code == 422
    kept = re.search(r'name="datei-id" value="(fil_[^"]+)"', untold.text)
    assert kept
    form = {"raum": space, "datei-id": kept[1], "datei-name": "halle.png"} | WORDS
    assert (await manager.post(HERE, form | {"key": str(new_id())})).status_code == 303
    nothing = await manager.post(HERE, {"raum": space, "key": str(new_id())} | WORDS)
    assert (nothing.status_code, "Bitte ein Bild wählen." in words(nothing)) == (422, True)
    desk = await town.reader("front_desk")
    assert (await add(desk, space, picture())).status_code == 403
    assert (await add(manager, await space_of_east(town), picture())).status_code == 404


async def space_of_east(town: Town) -> str:
    [row] = await town.east.site.sql("select id from app.space where tenant_id = $1 limit 1", town.east.site.id)
    return f"spc_{row['id']}"


async def test_a_photo_is_everybody_s_sealed_and_of_this_site_alone(town: Town) -> None:
    await drop_all(town)
    manager, space = await town.reader("manager"), await space_of(town)
    assert (await add(manager, space, photo_like(), "IMG_1.JPG")).status_code == 303
    page = await town.stranger().get("/raumangebot")
    [path] = set(re.findall(r'srcset="(/raumbilder/sph_[^/]+/)klein.webp"', page.text))
    assert re.search(r'width="320" height="240" alt="Eine &lt;b&gt;helle&lt;/b&gt; Halle" loading="lazy"', page.text)
    assert 'alt="A bright hall"' in (await town.stranger(language="en").get("/raumangebot")).text
    booking = await manager.get(f"/raeume/buchen?raum={space}")
    assert f'src="{path}klein.jpg"' in booking.text
    for size, kind, width in (
        ("klein.webp", "WEBP", 320),
        ("klein.jpg", "JPEG", 320),
        ("gross.webp", "WEBP", 1280),
        ("gross.jpg", "JPEG", 1280),
    ):
        answer = await town.stranger().get(path + size)
        assert answer.status_code == 200
        found = Image.open(io.BytesIO(answer.content))
        assert (found.format, found.width) == (kind, width)
        assert answer.headers["content-type"] == f"image/{kind.lower()}"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["content-disposition"] == f'inline; filename="raum-{size}"'
        assert answer.headers["cache-control"] == "public, max-age=3600"
        same = await town.stranger().get(path + size, headers={"if-none-match": answer.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
    retired = "update app.space set state = $3 where tenant_id = $1 and id = $2"
    await town.west.site.sql(retired, town.west.site.id, UUID(space[4:]), "retired")
    assert (await town.stranger().get(path + "klein.webp")).status_code == 404
    assert (await manager.get(path + "klein.webp")).headers["cache-control"] == "no-store"
    await town.west.site.sql(retired, town.west.site.id, UUID(space[4:]), "open")
    for bent in (path + "riesig.webp", "/raumbilder/sph_1/klein.webp", f"/raumbilder/sph_{new_id()}/klein.webp"):
        assert (await town.stranger().get(bent)).status_code == 404
    assert (await town.stranger(town.east.site).get(path + "klein.webp")).status_code == 404
    assert (await town.stranger(town.city).get(path + "klein.webp")).status_code == 404


async def test_a_room_catalogue_with_a_photo_in_every_room_stays_below_150_kilobytes(town: Town) -> None:
    """Everything the page names, as if a browser fetched each picture at once: they are lazy besides."""
    await drop_all(town)
    manager = await town.reader("manager")
    rows = await town.west.site.sql(
        "select id from app.space where tenant_id = $1 and state = 'open'", town.west.site.id
    )
    for n, row in enumerate(rows[:12]):
        assert (await add(manager, f"spc_{row['id']}", photo_like(n), "a.jpg")).status_code == 303
    page = await town.stranger().get("/raumangebot")
    pictures = re.findall(r'srcset="([^"]+)"', page.text)
    assert len(pictures) == len(rows[:12]) > 2
    heavy = [len((await town.stranger().get(each)).content) for each in pictures]
    assert max(heavy) <= 6_000
    assert page.text.count('loading="lazy"') == len(pictures)
    load = await first_load(manager, "/raumangebot")
    assert load < MOST, f"{load / 1000:.0f} kB"
    assert not re.findall(
        r'(?:src|srcset|href)="(?:https?:)?//', page.text.replace(f"//{town.west.site.realm.host}", "")
    )
    print(f"{len(pictures)} photos, first load: {load / 1000:.0f} kB")
    await drop_all(town)
