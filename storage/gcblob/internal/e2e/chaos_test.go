//go:build unix

package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"
	"gocloud.dev/blob/s3blob"

	"github.com/go-downloadview/downloadview/cache"
	"github.com/go-downloadview/downloadview/files"
	"github.com/go-downloadview/downloadview/storage/gcblob"
)

const (
	chaosBucket = "chaos"
	chaosKeys   = 40
	chaosTime   = 20 * time.Second
)

// exportOf is the content for a key, of up to 12 MiB, no two parts of which are the
// same.
func exportOf(key int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < 10_000+key*300_000; i++ {
		fmt.Fprintf(&b, "%04d %09d\n", key, i)
	}
	return b.Bytes()
}

// chaosCache returns a machine's cache: its working directory and the bucket.
func chaosCache() (*cache.Cache, *os.Root, error) {
	bucket, err := s3blob.OpenBucket(context.Background(), newS3Client(http.DefaultTransport, secretKey), chaosBucket, nil)
	if err != nil {
		return nil, nil, err
	}
	root, err := os.OpenRoot(".")
	if err != nil {
		return nil, nil, err
	}
	c, err := cache.New(root, cache.Options{MaxBytes: 150 << 20, Linger: -1, Bucket: gcblob.NewCacheBucket(bucket)})
	return c, root, err
}

func init() { runMachine = downloadAtRandom }

// downloadAtRandom downloads exports at random, and writes a line for each that is not
// what it should be; until its input ends.
func downloadAtRandom() {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	c, _, err := chaosCache()
	if err != nil {
		panic(err)
	}
	ended := make(chan struct{})
	go func() {
		io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	var clients sync.WaitGroup
	for range 3 {
		clients.Go(func() {
			for {
				select {
				case <-ended:
					return
				default:
				}
				key := rand.IntN(chaosKeys)
				want := exportOf(key)
				f, err := c.File(context.Background(), fmt.Sprint(key), func(context.Context) (fs.File, error) {
					return files.NewVirtualFile(files.NewWriterIO(func(w io.Writer) error {
						_, err := w.Write(want)
						return err
					}), "export.csv"), nil
				})
				if err != nil {
					fmt.Println("refused:", err)
					continue
				}
				got, err := io.ReadAll(f)
				f.Close()
				if err != nil || !bytes.Equal(got, want) {
					fmt.Printf("wrong: %d bytes of %d, %v\n", len(got), len(want), err)
				}
			}
		})
	}
	clients.Wait()
	for s := c.Stats(); s.Running > 0; s = c.Stats() {
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(time.Second) // uploads, some of them
	c.Close()
	// All that Go has ever had from the system. The shadow of the race detector is
	// not in it.
	var m runtime.MemStats
	if runtime.ReadMemStats(&m); m.Sys > maxMemory {
		fmt.Printf("took %d MiB of memory\n", m.Sys>>20)
	}
}

// Machines that are killed and paused, and an S3 that is paused: what is announced
// as whole is right, in the end no directory and no bucket has half a copy, and the
// bucket has what the machines have.
func TestChaos(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	client := s3Client(t, newWire(t), secretKey)
	name := chaosBucket
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
	stop := time.After(chaosTime)
	ended := make(chan struct{})
	var all sync.WaitGroup
	var dirs []string
	for i := range 4 {
		dir := t.TempDir()
		dirs = append(dirs, dir)
		all.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(i)))
			for last := false; !last; {
				select {
				case <-ended:
					last = true
				default:
				}
				m := startMachine(t, dir)
				for range 2 {
					pause(random)
					m.cmd.Process.Signal(syscall.SIGSTOP)
					pause(random)
					m.cmd.Process.Signal(syscall.SIGCONT)
				}
				m.end(t, !last)
			}
		})
	}
	all.Go(func() {
		random := rand.New(rand.NewPCG(2, 0))
		for {
			select {
			case <-stop:
				close(ended)
				return
			default:
			}
			server.process.Signal(syscall.SIGSTOP)
			pause(random)
			server.process.Signal(syscall.SIGCONT)
			pause(random)
			pause(random)
		}
	})
	all.Wait()

	have := map[string]bool{}
	for _, dir := range dirs {
		copies, _ := filepath.Glob(filepath.Join(dir, "??", "*"))
		for _, path := range copies {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			checkExport(t, path, content)
			have[strings.Join(strings.Split(filepath.Base(path), "-")[:2], "-")] = true
		}
		// What did not get to the bucket goes there when the machine starts again.
		t.Chdir(dir)
		c, root, err := chaosCache()
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		defer c.Close()
		if temps, _ := filepath.Glob("temp-*"); len(temps) > 4 {
			t.Errorf("%d drafts are left", len(temps))
		}
	}
	bucket, err := s3blob.OpenBucket(t.Context(), client, name, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer bucket.Close()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		lacks := 0
		for id := range have {
			if there, err := bucket.Exists(t.Context(), "copies/"+id); err != nil {
				t.Fatal(err)
			} else if !there {
				lacks++
			}
		}
		if lacks == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("of %d copies, the bucket lacks %d", len(have), lacks)
		}
	}
	objects := 0
	for list := bucket.List(&blob.ListOptions{Prefix: "copies/"}); ; objects++ {
		object, err := list.Next(t.Context())
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := bucket.ReadAll(t.Context(), object.Key)
		if err != nil {
			t.Fatal(err)
		}
		checkExport(t, object.Key, content[min(len(content), 34):])
	}
	t.Logf("%d identities on the machines, %d objects", len(have), objects)
}

func pause(random *rand.Rand) { time.Sleep(time.Duration(random.IntN(1000)) * time.Millisecond) }

func checkExport(t *testing.T, where string, content []byte) {
	t.Helper()
	key := -1
	if _, err := fmt.Sscanf(string(content[:min(len(content), 4)]), "%d", &key); err != nil || !bytes.Equal(content, exportOf(key)) {
		t.Errorf("%s: %d bytes that are no export, %v", where, len(content), err)
	}
}

// chaosMachine is a process of TestChaos.
type chaosMachine struct {
	cmd    *exec.Cmd
	input  io.Closer
	output bytes.Buffer
}

func startMachine(t *testing.T, dir string) *chaosMachine {
	m := &chaosMachine{cmd: exec.Command(os.Args[0])}
	m.cmd.Env = append(os.Environ(), machineVariable+"="+server.address)
	m.cmd.Dir = dir
	m.cmd.Stdout, m.cmd.Stderr = &m.output, &m.output
	input, err := m.cmd.StdinPipe()
	if err == nil {
		err = m.cmd.Start()
	}
	if err != nil {
		t.Error(err)
	}
	m.input = input
	return m
}

// end kills the machine, or has it come to its end.
func (m *chaosMachine) end(t *testing.T, kill bool) {
	if kill {
		m.cmd.Process.Kill()
	}
	m.input.Close()
	err := m.cmd.Wait()
	if exit := (*exec.ExitError)(nil); m.output.Len() > 0 || err != nil && (!kill || !errors.As(err, &exit)) {
		t.Errorf("a machine: %v\n%s", err, m.output.String())
	}
}
