// When and where a picture was taken, as the camera wrote it: read before the picture is
// made smaller, which loses it.
const FIRST = 256 * 1024;
const JPEG = 0xffd8;
const APP1 = 0xffe1;
const EXIF = 0x45786966;
const TAGS = { exif: 0x8769, gps: 0x8825, taken: 0x9003, latRef: 1, lat: 2, lngRef: 3, lng: 4 };

/** { taken: Date, lng, lat }, each only where the picture says so. */
export async function exifOf(file) {
  try {
    return read(new DataView(await file.slice(0, FIRST).arrayBuffer()));
  } catch {
    return {}; // cut off or not as the standard has it
  }
}

function read(view) {
  if (view.getUint16(0) !== JPEG) return {};
  for (let at = 2; view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
    if (view.getUint16(at) === APP1 && view.getUint32(at + 4) === EXIF) return facts(view, at + 10);
  }
  return {};
}

function facts(view, start) {
  const little = view.getUint16(start) === 0x4949;
  const short = (at) => view.getUint16(start + at, little);
  const long = (at) => view.getUint32(start + at, little);
  const entries = (at) => new Map(Array.from({ length: short(at) }, (_, place) => at + 2 + place * 12).map((one) => [short(one), one]));
  const text = (entry) => {
    const length = long(entry + 4);
    const from = start + (length > 4 ? long(entry + 8) : entry + 8);
    return String.fromCharCode(...new Uint8Array(view.buffer, from, length)).replace(/\0.*$/s, "");
  };
  const degrees = (entry, sign) => {
    const [whole, minutes, seconds] = [0, 8, 16].map((shift) => long(long(entry + 8) + shift) / (long(long(entry + 8) + shift + 4) || 1));
    return sign * (whole + minutes / 60 + seconds / 3600);
  };
  const first = entries(long(4));
  const found = {};
  if (first.has(TAGS.exif)) {
    const taken = entries(long(first.get(TAGS.exif) + 8)).get(TAGS.taken);
    const [, year, month, day, time] = (taken && /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)/.exec(text(taken))) || [];
    if (time) found.taken = new Date(`${year}-${month}-${day}T${time}`);
  }
  if (first.has(TAGS.gps)) {
    const gps = entries(long(first.get(TAGS.gps) + 8));
    if (gps.has(TAGS.lat) && gps.has(TAGS.lng)) {
      found.lat = degrees(gps.get(TAGS.lat), text(gps.get(TAGS.latRef)) === "S" ? -1 : 1).toFixed(7);
      found.lng = degrees(gps.get(TAGS.lng), text(gps.get(TAGS.lngRef)) === "W" ? -1 : 1).toFixed(7);
    }
  }
  return found;
}
