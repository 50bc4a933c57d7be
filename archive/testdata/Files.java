import java.io.InputStream;
import java.util.Collections;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Reads an archive by its directory. ZipFile does not look at CRC-32s. */
class Files {
    public static void main(String[] args) throws Exception {
        byte[] buffer = new byte[1 << 16];
        try (ZipFile zip = new ZipFile(args[0])) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                CRC32 crc = new CRC32();
                try (InputStream in = zip.getInputStream(entry)) {
                    for (int n; (n = in.read(buffer)) > 0; ) {
                        crc.update(buffer, 0, n);
                    }
                }
                if (crc.getValue() != entry.getCrc()) {
                    throw new Exception(entry.getName() + ": another CRC-32");
                }
            }
        }
    }
}
