package gcblob_test

import (
	"context"
	"fmt"
	"io"
	"log"

	"gocloud.dev/blob/memblob"

	"github.com/go-downloadview/downloadview/storage/gcblob"
)

func Example() {
	ctx := context.Background()
	bucket := memblob.OpenBucket(nil) // or that of s3blob, gcsblob, azureblob, fileblob
	defer bucket.Close()
	if err := bucket.WriteAll(ctx, "reports/2024.csv", []byte("year,total\n2024,42\n"), nil); err != nil {
		log.Fatal(err)
	}

	storage := gcblob.New(bucket)
	file, err := storage.WithContext(ctx).Open("reports/2024.csv")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()

	info, err := file.Stat()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(info.Name(), "has", info.Size(), "bytes")

	// Nothing has been read so far. The bucket is now asked for the last line,
	// and for nothing before it.
	if _, err := file.(io.Seeker).Seek(11, io.SeekStart); err != nil {
		log.Fatal(err)
	}
	line, err := io.ReadAll(file)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", line)
	// Output:
	// 2024.csv has 19 bytes
	// 2024,42
}
