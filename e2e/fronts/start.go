package fronts

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a server may take to start, and to stop.
const patience = 30 * time.Second

// unprivileged is the user that servers run as if root starts them ("nobody").
const unprivileged = 65534

// Dir returns a new directory that every user can read, and the server owns.
func Dir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "downloadview-fronts-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(dir, unprivileged, unprivileged); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Start starts the server in front of an application that listens on upstream
// and has files in dir. It is stopped when the test has ended. Start returns the
// server's URL.
func (f Front) Start(t testing.TB, upstream, dir string) string {
	t.Helper()
	return f.StartWith(t, func(address string) string { return f.Configuration(t, upstream, dir, address) })
}

// StartWith is Start with another configuration, for the address to listen on.
func (f Front) StartWith(t testing.TB, configuration func(address string) string) string {
	t.Helper()
	program := f.Program(t)
	own := Dir(t)
	if f.copied && os.Geteuid() == 0 {
		program = copyProgram(t, program, own)
	}
	address := freeAddress(t)
	_, port, _ := net.SplitHostPort(address)
	main := configuration(address)
	if f.main != "" {
		write(t, filepath.Join(own, "site"), main)
		main = strings.NewReplacer("HOME", own, "PORT", port).Replace(f.main)
	}
	write(t, filepath.Join(own, "main"), main)
	run(t, address, program, f.args(own), own)
	return "http://" + address
}

// copyProgram copies a program to where every user can run it.
func copyProgram(t testing.TB, program, dir string) string {
	t.Helper()
	content, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, filepath.Base(program))
	if err := os.WriteFile(path, content, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// freeAddress returns an address that is free.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// run runs a program in a new process group until the test has ended, and returns
// when it listens on address.
func run(t testing.TB, address, program string, args []string, home string) {
	t.Helper()
	output := filepath.Join(home, "output") // a file, for Apache opens it anew
	write(t, output, "")
	file, err := os.OpenFile(output, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cmd := exec.Command(program, args...)
	cmd.Dir = home
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_DATA_HOME="+home+"/data", "XDG_CONFIG_HOME="+home+"/config")
	cmd.Stdout, cmd.Stderr = file, file
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: unprivileged, Gid: unprivileged}
		if err := os.Chown(output, unprivileged, unprivileged); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) // it may have ended
		select {
		case <-ended:
		case <-time.After(patience):
			t.Errorf("%s does not stop", program)
		}
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // its workers, if it has left any
		<-ended
		if t.Failed() {
			log, err := os.ReadFile(output)
			t.Logf("%v: %v\n%s", cmd, err, log)
		}
	})
	if err := await(address, ended); err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
}

// await returns when a server listens on address.
func await(address string, ended <-chan struct{}) error {
	deadline := time.After(patience)
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-poll.C:
		case <-ended:
			return fmt.Errorf("it has ended: %w", err)
		case <-deadline:
			return fmt.Errorf("no server listens after %v: %w", patience, err)
		}
	}
}
