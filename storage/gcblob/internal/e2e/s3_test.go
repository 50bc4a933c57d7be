package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"
	"gocloud.dev/blob/s3blob"
)

const (
	// startTimeout is how long the server may take to answer.
	startTimeout = 30 * time.Second

	accessKey = "e2e"
	secretKey = "e2e-secret"
)

// maxMemory bounds the memory of a machine: the program, downloads, and two uploads.
// docs/cache.md names it.
const maxMemory = 256 << 20

// machineVariable has, in the environment of a process that is a machine of
// TestChaos, the address of the S3 server.
const machineVariable = "DOWNLOADVIEW_E2E_MACHINE"

var runMachine func() // what such a process does

// s3Server is an S3 server of these tests' own.
type s3Server struct {
	address string
	process *os.Process
	stop    func()
}

// server is the S3 server of all tests, unless serverErr says why there is none.
var (
	server    *s3Server
	serverErr error
)

func TestMain(m *testing.M) {
	if address := os.Getenv(machineVariable); address != "" {
		server = &s3Server{address: address}
		runMachine()
		return
	}
	server, serverErr = startServer()
	code := m.Run()
	if server != nil {
		server.stop()
	}
	os.Exit(code)
}

// startServer builds and starts versitygw over an empty directory, and returns
// when it answers.
func startServer() (*s3Server, error) {
	var stderr bytes.Buffer
	build := exec.Command("go", "tool", "-n", "versitygw")
	build.Stderr = &stderr
	path, err := build.Output()
	if err != nil {
		return nil, fmt.Errorf("building versitygw: %w\n%s", err, stderr.Bytes())
	}
	dir, err := os.MkdirTemp("", "e2e-s3-")
	if err != nil {
		return nil, err
	}
	// Metadata goes to files beside the objects: not every filesystem has
	// extended attributes.
	for _, sub := range []string{"objects", "metadata"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, err
		}
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	var output bytes.Buffer // read after the server has ended
	cmd := exec.Command(strings.TrimSpace(string(path)),
		"--port", address, "--quiet", "--keep-alive", "--health", "/health",
		"posix", "--sidecar", filepath.Join(dir, "metadata"), filepath.Join(dir, "objects"))
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+accessKey, "ROOT_SECRET_KEY="+secretKey)
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait()
		close(ended)
	}()
	s := &s3Server{address: address, process: cmd.Process, stop: func() {
		cmd.Process.Kill()
		<-ended
		os.RemoveAll(dir)
	}}
	if err := s.wait(ended); err != nil {
		s.stop()
		return nil, fmt.Errorf("starting versitygw: %w\n%s", err, output.Bytes())
	}
	return s, nil
}

// freeAddress returns an address on which nobody listens.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// wait returns when the server answers.
func (s *s3Server) wait(ended <-chan struct{}) error {
	deadline := time.After(startTimeout)
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		resp, err := http.Get("http://" + s.address + "/health")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-poll.C:
		case <-ended:
			return errors.New("it ended at once")
		case <-deadline:
			return fmt.Errorf("no answer after %v: %w", startTimeout, err)
		}
	}
}

// s3Client returns a client of the S3 server, which goes through w. Without the
// server the test is skipped, or fails where nothing may be skipped.
func s3Client(t *testing.T, w *wire, secret string) *s3.Client {
	t.Helper()
	switch {
	case serverErr != nil && os.Getenv("CI") == "true":
		t.Fatal(serverErr)
	case serverErr != nil:
		t.Skipf("no S3 server: %v", serverErr)
	}
	return newS3Client(w, secret)
}

func newS3Client(w http.RoundTripper, secret string) *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: aws.String("http://" + server.address),
		UsePathStyle: true,
		Region:       "us-east-1",
		HTTPClient:   &http.Client{Transport: w},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secret}, nil
		}),
		RetryMaxAttempts: 1,
	})
}

// s3Bucket returns an empty bucket on the S3 server, and the wire to it.
func s3Bucket(t *testing.T) (*blob.Bucket, *wire) {
	t.Helper()
	w := newWire(t)
	client := s3Client(t, w, secretKey)
	name := s3BucketName(t)
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
	bucket, err := s3blob.OpenBucket(t.Context(), client, name, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bucket.Close() })
	return bucket, w
}

// s3BucketName returns the name of the test's bucket, which S3 wants to be in
// lower case and without slashes.
func s3BucketName(t *testing.T) string {
	return strings.ToLower(strings.ReplaceAll(t.Name(), "/", "."))
}
