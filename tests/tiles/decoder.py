"""A reader of vector tiles, written from the specification, apart from the writer."""

from dataclasses import dataclass


@dataclass
class Feature:
    id: int
    kind: int
    paths: list[list[tuple[int, int]]]
    properties: dict


def _varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def _fields(data):
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        if key & 7 == 0:
            value, at = _varint(data, at)
        else:
            assert key & 7 == 2
            size, at = _varint(data, at)
            value, at = data[at : at + size], at + size
        yield key >> 3, value


def _packed(data):
    at, values = 0, []
    while at < len(data):
        value, at = _varint(data, at)
        values.append(value)
    return values


def _paths(commands):
    numbers, x, y, paths = iter(commands), 0, 0, []
    for word in numbers:
        command, count = word & 7, word >> 3
        for _ in range(count):
            if command == 7:
                paths[-1].append(paths[-1][0])
                continue
            dx, dy = next(numbers), next(numbers)
            x += (dx >> 1) ^ -(dx & 1)
            y += (dy >> 1) ^ -(dy & 1)
            if command == 1:
                paths.append([])
            paths[-1].append((x, y))
    return paths


def decode(tile: bytes) -> dict[str, list[Feature]]:
    """Layer name → features."""
    layers = {}
    for number, layer in _fields(tile):
        assert number == 3
        name, keys, values, raw, version = "", [], [], [], None
        for field, value in _fields(layer):
            if field == 1:
                name = value.decode()
            elif field == 2:
                raw.append(dict(_fields(value)))
            elif field == 3:
                keys.append(value.decode())
            elif field == 4:
                ((kind, content),) = _fields(value)
                values.append(content.decode() if kind == 1 else content)
            elif field == 15:
                version = value
        assert version == 2
        assert name not in layers
        layers[name] = []
        for feature in raw:
            tags = _packed(feature.get(2, b""))
            pairs = zip(tags[::2], tags[1::2], strict=True)
            properties = {keys[k]: values[v] for k, v in pairs}
            layers[name].append(
                Feature(feature[1], feature[3], _paths(_packed(feature[4])), properties)
            )
    return layers
