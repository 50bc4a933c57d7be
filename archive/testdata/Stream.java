import java.util.zip.ZipInputStream;

/** Reads an archive from a stream, which it must understand without its end. */
class Stream {
    public static void main(String[] args) throws Exception {
        byte[] buffer = new byte[1 << 16];
        try (ZipInputStream zip = new ZipInputStream(System.in)) {
            while (zip.getNextEntry() != null) {
                while (zip.read(buffer) > 0) {
                }
            }
        }
    }
}
