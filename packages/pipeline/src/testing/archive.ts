type Member = string | { link: string };

/** A tar with exactly the names given, hostile ones too; what is not text is a symbolic link. */
export function tarOfFiles(files: Record<string, Member>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, member]) => {
    const body = Buffer.from(typeof member === 'string' ? member : '');
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000644\0', 100);
    header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.fill(' ', 148, 156);
    header.write(typeof member === 'string' ? '0' : '2', 156);
    if (typeof member !== 'string') header.write(member.link, 157);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0`, 148);
    return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
