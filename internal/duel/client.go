package duel

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
)

// clientVariable is set in the environment of the process that is the client: the
// test binary once more, which init keeps from being a test.
const clientVariable = "DOWNLOADVIEW_BENCHMARK_CLIENT"

func init() {
	if os.Getenv(clientVariable) != "" {
		runClient()
		os.Exit(0)
	}
}

// order is a line on the client's standard input.
type order struct {
	URL         string
	Certificate []byte // of the server; empty: it has none
	Size        int64
	Times       int
	AtOnce      int
}

// report is the line on its standard output that answers it.
type report struct{ Error string }

// client is the other process, from here. It ends with this one, when its
// standard input does.
type client struct {
	orders  *json.Encoder
	reports *json.Decoder
}

var startedClient = sync.OnceValues(startClient)

func startClient() (*client, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), clientVariable+"=1")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &client{json.NewEncoder(stdin), json.NewDecoder(stdout)}, cmd.Start()
}

// carryOut returns when the client has carried out its order.
func carryOut(o order) error {
	c, err := startedClient()
	if err != nil {
		return err
	}
	if err := c.orders.Encode(o); err != nil {
		return fmt.Errorf("the client's process has ended: %w", err)
	}
	var r report
	if err := c.reports.Decode(&r); err != nil {
		return fmt.Errorf("the client's process has ended: %w", err)
	}
	if r.Error != "" {
		return errors.New(r.Error)
	}
	return nil
}

// runClient is what the client does.
func runClient() {
	orders, reports := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	var last order
	client := new(http.Client)
	for {
		var o order
		if orders.Decode(&o) != nil {
			return
		}
		if last.URL != o.URL || last.AtOnce != o.AtOnce {
			client.CloseIdleConnections()
			client = clientOf(o)
		}
		last = o
		var r report
		if err := downloadAll(client, o); err != nil {
			r.Error = err.Error()
		}
		if reports.Encode(r) != nil {
			return
		}
	}
}

// downloadAll returns the first error of each of the clients that o.AtOnce asks for.
func downloadAll(client *http.Client, o order) error {
	var begun atomic.Int64
	begun.Store(int64(o.AtOnce)) // each has one to begin with
	errs := make([]error, o.AtOnce)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			buf := make([]byte, 256<<10)
			for n := int64(i + 1); n <= int64(o.Times) && errs[i] == nil; n = begun.Add(1) {
				errs[i] = download(client, o, buf)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

func clientOf(o order) *http.Client {
	transport := &http.Transport{ForceAttemptHTTP2: true, DisableCompression: true, MaxIdleConnsPerHost: o.AtOnce}
	if cert, err := x509.ParseCertificate(o.Certificate); err == nil {
		transport.TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool()}
		transport.TLSClientConfig.RootCAs.AddCert(cert)
	}
	return &http.Client{Transport: transport}
}

func download(client *http.Client, o order, buf []byte) error {
	resp, err := client.Get(o.URL)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{resp.Body}, buf)
	if err != nil || n != o.Size || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %d bytes of %d, %v", resp.Status, n, o.Size, err)
	}
	return nil
}
