"""A FAT32 file system in an image, and ways to damage it (Microsoft's FAT specification, §3 to §7).
Standard library only.
"""

import struct

END, BAD, FREE = 0x0fffffff, 0x0ffffff7, 0
DIRECTORY, LONG_NAME = 0x10, 0x0f
CLUSTER_MASK = 0x0fffffff


class Fat:
    """with Fat(image) as fat: what is changed is written at the end. Paths have / between the names."""

    def __init__(self, image, offset=0):
        self._image, self._offset = image, offset
        self.data = bytearray(image.read_bytes())[offset:]
        sector, per_cluster, n_reserved, self.n_fats = struct.unpack_from("<HBHB", self.data, 11)
        fat_sectors, self.root = struct.unpack_from("<I4xI", self.data, 36)
        self.cluster_bytes = sector * per_cluster
        self._fat, self._fat_bytes = n_reserved * sector, fat_sectors * sector
        self._first = self._fat + self.n_fats * self._fat_bytes

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with open(self._image, "r+b") as file:
            file.seek(self._offset)
            file.write(self.data)

    def next(self, cluster):
        return struct.unpack_from("<I", self.data, self._fat + 4 * cluster)[0] & CLUSTER_MASK

    def set_next(self, cluster, value):
        for fat in range(self.n_fats):
            struct.pack_into("<I", self.data, self._fat + fat * self._fat_bytes + 4 * cluster, value)

    def chain(self, cluster):
        """Each of its clusters once, also where they lead in a circle."""
        clusters = {}
        while 2 <= cluster < BAD and cluster not in clusters:
            clusters[cluster] = None
            cluster = self.next(cluster)
        return list(clusters)

    def at(self, cluster):
        """Where a cluster begins."""
        return self._first + (cluster - 2) * self.cluster_bytes

    def _entries(self, first):
        """Name and place of each entry of a folder; the name in lower case."""
        parts = []
        for cluster in self.chain(first):
            for at in range(self.at(cluster), self.at(cluster) + self.cluster_bytes, 32):
                if self.data[at] == 0:
                    return
                if self.data[at + 11] == LONG_NAME:
                    raw = self.data[at + 1:at + 11] + self.data[at + 14:at + 26] + self.data[at + 28:at + 32]
                    parts.insert(0, raw.decode("utf-16-le").split("\0")[0])
                    continue
                short = self.data[at:at + 8].rstrip() + b"." + self.data[at + 8:at + 11].rstrip()
                name = "".join(parts) or short.decode("latin-1").removesuffix(".")
                parts = []
                if self.data[at] != 0xe5:
                    yield name.lower(), at

    def entry(self, path):
        """Where the entry of a file or a folder is."""
        cluster, at = self.root, None
        for name in path.strip("/").split("/"):
            at = dict(self._entries(cluster))[name.lower()]
            cluster = self.first(at)
        return at

    def first(self, entry):
        high, low = struct.unpack_from("<H4xH", self.data, entry + 20)
        return high << 16 | low

    def clusters(self, path):
        return self.chain(self.first(self.entry(path)))

    def set_first(self, path, cluster):
        struct.pack_into("<H", self.data, self.entry(path) + 20, cluster >> 16)
        struct.pack_into("<H", self.data, self.entry(path) + 26, cluster & 0xffff)

    def set_size(self, path, file_bytes):
        struct.pack_into("<I", self.data, self.entry(path) + 28, file_bytes)

    # --- damages: each takes a path ---

    def loop(self, path, at=None):
        """The last cluster, or number @at, leads back to the first."""
        clusters = self.clusters(path)
        self.set_next(clusters[-1 if at is None else at], clusters[0])

    def cross_link(self, path, other, at=0):
        """From its cluster number @at on it is the other file."""
        self.set_next(self.clusters(path)[at], self.clusters(other)[0])

    def lengthen(self, path, n):
        """Clusters that nobody has go behind its last one."""
        last, cluster = self.clusters(path)[-1], self.root
        for _ in range(n):
            while self.next(cluster) != FREE:
                cluster += 1
            self.set_next(last, cluster)
            self.set_next(cluster, END)
            last = cluster

    def break_chain(self, path, value, at=0):
        """What comes behind its cluster number @at is FREE, BAD, END, or no cluster."""
        self.set_next(self.clusters(path)[at], value)

    def rename(self, path, short_name):
        """Eleven bytes of any kind."""
        at = self.entry(path)
        self.data[at:at + 11] = short_name
