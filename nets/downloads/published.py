"""Where the data sets are published, and their checksums with the place that states them.

Where no checksum is stated, the one of the first download is computed, kept beside the file and
compared ever after; it is never made up.
"""

from dataclasses import dataclass

MD5_OF_TORCHVISION = "torchvision, datasets/{}.py"


@dataclass(frozen=True)
class Published:
    """One file of a data set.

    Parameters
    ----------
    path : str
        Where it goes, under the data directory; of an archive, a folder for what is in it.
    urls : tuple of str
        Mirrors, in the order in which they are tried.
    checksum : str
        ``algorithm:digest``, or empty where none is stated.
    stated_by : str
        Who states the checksum.
    members : tuple of str
        Of an archive: the files in it that are kept. A file that is no archive has none.
    """

    path: str
    urls: tuple[str, ...]
    checksum: str = ""
    stated_by: str = ""
    members: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the file that is fetched."""
        return self.urls[0].rpartition("/")[2]

    @property
    def targets(self) -> tuple[str, ...]:
        """What is there when it was fetched, under the data directory."""
        return tuple(f"{self.path}/{member}" for member in self.members) or (self.path,)


def _images(
    folder: str, mirrors: tuple[str, ...], digests: tuple[str, ...]
) -> tuple[Published, ...]:
    """Return the four IDX files of a set."""
    files = (
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    )
    return tuple(
        Published(
            f"{folder}/{file}",
            tuple(f"{mirror}/{file}" for mirror in mirrors),
            f"md5:{digest}",
            MD5_OF_TORCHVISION.format("mnist"),
        )
        for file, digest in zip(files, digests, strict=True)
    )


@dataclass(frozen=True)
class Source:
    """A data set: what it is, its files and its size."""

    title: str
    megabytes: float
    files: tuple[Published, ...]


SOURCES: dict[str, Source] = {
    "mnist": Source(
        "70,000 handwritten digits (LeCun et al.)",
        12,
        _images(
            "MNIST/raw",
            (
                "https://ossci-datasets.s3.amazonaws.com/mnist",
                "https://storage.googleapis.com/cvdf-datasets/mnist",
            ),
            (
                "f68b3c2dcbeaaa9fbdd348bbdeb94873",
                "d53e105ee54ea40749a09fcbcd1e9432",
                "9fb629c4189551a2d022fa330f9573f3",
                "ec29112dd5afa0611ce80d1b7f02629c",
            ),
        ),
    ),
    "fashion_mnist": Source(
        "70,000 pictures of clothes (Xiao et al. 2017)",
        31,
        _images(
            "FashionMNIST/raw",
            ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",),
            (
                "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
                "25c81989df183df01b3e8a0aad5dffbe",
                "bef4ecab320f06d8554ea6380940ec79",
                "bb300cfdad3c16e7a12a480ee83cd310",
            ),
        ),
    ),
    "cifar10": Source(
        "60,000 colour images (Krizhevsky 2009)",
        171,
        (
            Published(
                ".",
                ("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",),
                "md5:c58f30108f718f92721af3b95e74349a",
                MD5_OF_TORCHVISION.format("cifar"),
                tuple(
                    f"cifar-10-batches-py/{name}"
                    for name in (*(f"data_batch_{n}" for n in range(1, 6)), "test_batch")
                ),
            ),
        ),
    ),
    "susy": Source(
        "5,000,000 simulated collisions (Baldi et al. 2014)",
        920,
        (
            Published(
                "SUSY.csv.gz",
                (
                    "https://archive.ics.uci.edu/ml/machine-learning-databases/00279/SUSY.csv.gz",
                    "http://mlphysics.ics.uci.edu/data/susy/SUSY.csv.gz",
                ),
            ),
        ),
    ),
    "magic": Source(
        "19,020 showers seen by a gamma-ray telescope (Bock et al. 2004)",
        1.5,
        (
            Published(
                "magic04.data",
                ("https://archive.ics.uci.edu/ml/machine-learning-databases/magic/magic04.data",),
            ),
        ),
    ),
    "wikitext2": Source(
        "two million words of Wikipedia (Merity et al. 2016)",
        4.5,
        (
            Published(
                ".",
                ("https://s3.amazonaws.com/research.metamind.io/wikitext/wikitext-2-v1.zip",),
                "sha256:92675f1d63015c1c8b51f1656a52d5bdbc33aafa60cc47a218a66e7ee817488c",
                "CorpusLoaders.jl, WikiText-2",
                tuple(f"wikitext-2/wiki.{part}.tokens" for part in ("train", "valid", "test")),
            ),
        ),
    ),
}
"""By the name of the set in `nets.data`; the layout is what its loader reads."""
