"""Photos of spaces: the words for them and where they are; and putting them up, in order, away."""

from strawberry import ID

from quartier.spaces import tables
from quartier.spaces.photos import actions
from quartier.spaces.photos.words import Described
from quartier.tenancy.desk import Desk
from quartier_graph import ids
from quartier_graph.declare import Done, Node, asked, column, key, one, published, verb, wish
from quartier_graph.spaces import Space

_SIZE = """(select c.{} from app.file_content c
  where c.tenant_id = {{t}}.tenant_id and c.file_id = {{t}}.file_id and c.variant = '{}_webp')"""


@published(
    tables.SpacePhoto,
    prefix="sph",
    may=("spaces:read", "public:read"),
    orders={"position": key("{t}.position", "integer")},
)
class SpacePhoto(Node):
    """A photo of a space, in two sizes, each as WebP and JPEG."""

    position: int = column("Its place among the space's; the first stands for the space.")
    alt_de: str = column("What is to be seen, in German.")
    alt_en: str = column("What is to be seen, in English.")
    path: str = column(
        "Where it is at this site, followed by klein.webp, klein.jpg, gross.webp or gross.jpg.",
        sql="('/raumbilder/sph_' || {t}.id || '/')",
    )
    small_width: int = column("Width of the small one in pixels.", sql=_SIZE.format("width", "small"))
    small_height: int = column("Height of the small one in pixels.", sql=_SIZE.format("height", "small"))
    large_width: int = column("Width of the large one in pixels.", sql=_SIZE.format("width", "large"))
    large_height: int = column("Height of the large one in pixels.", sql=_SIZE.format("height", "large"))
    version: int = column("Counts its changes; send it with a change to be told of others'.")
    space: "Space" = one("Of which space.", by="space_id")


@wish
class AddSpacePhotoInput:
    """A photo to show of a space."""

    space: ID = asked("The space.")
    file: ID = asked("The file, which has come already.")
    alt_de: str = asked("What is to be seen, in German.")
    alt_en: str = asked("What is to be seen, in English.")


@verb("spaces:configure", changes={"photo": SpacePhoto})
async def add_space_photo(desk: Desk, wish: AddSpacePhotoInput) -> Done:
    """Show a file that has come as the last photo of a space."""
    said = Described(wish.alt_de, wish.alt_en)
    return {"photo": await actions.add_photo(desk, ids.read(wish.space, "spc"), ids.read(wish.file, "fil"), said)}


@wish
class DescribeSpacePhotoInput:
    """Other words for a photo."""

    photo: ID = asked("The photo.")
    version: int = asked("The version that was seen.")
    alt_de: str = asked("What is to be seen, in German.")
    alt_en: str = asked("What is to be seen, in English.")


@verb("spaces:configure", changes={"photo": SpacePhoto})
async def describe_space_photo(desk: Desk, wish: DescribeSpacePhotoInput) -> Done:
    """Say anew what is to be seen on a photo."""
    photo = ids.read(wish.photo, "sph")
    await actions.describe_photo(desk, photo, wish.version, Described(wish.alt_de, wish.alt_en))
    return {"photo": photo}


@wish
class OrderSpacePhotosInput:
    """The order of a space's photos."""

    space: ID = asked("The space.")
    photos: list[ID] = asked("All its photos, the one that stands for it first.")


@verb("spaces:configure", changes={"space": Space})
async def order_space_photos(desk: Desk, wish: OrderSpacePhotosInput) -> Done:
    """Put the photos of a space in order."""
    space = ids.read(wish.space, "spc")
    await actions.order_photos(desk, space, [ids.read(each, "sph") for each in wish.photos])
    return {"space": space}


@wish
class RemoveSpacePhotoInput:
    """A photo to take away."""

    photo: ID = asked("The photo.")


@verb("spaces:configure", changes={"space": Space})
async def remove_space_photo(desk: Desk, wish: RemoveSpacePhotoInput) -> Done:
    """Take a photo away for good, with its file."""
    return {"space": await actions.remove_photo(desk, ids.read(wish.photo, "sph"))}
