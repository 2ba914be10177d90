// A Python with pip for machines that have none: carries CPython inside, unpacks it beside itself and becomes it.
package main

import (
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/kluctl/go-embed-python/pip"
	"github.com/kluctl/go-embed-python/python"
)

func main() {
	log.Fatal(run(os.Args[1:], os.Environ()))
}

func run(args, env []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	folder := filepath.Join(filepath.Dir(self), "unpacked")
	unpacked, err := python.NewEmbeddedPythonWithTmpDir(filepath.Join(folder, "python"), true)
	if err != nil {
		return err
	}
	program, err := unpacked.GetExePath()
	if err != nil {
		return err
	}
	// pip is unpacked into the folder for temporary files, wherever that is.
	os.Setenv("TMPDIR", folder)
	library, err := pip.NewPipLib("of-python")
	if err != nil {
		return err
	}
	path := "PYTHONPATH=" + os.Getenv("PYTHONPATH") + string(os.PathListSeparator) + library.GetExtractedPath()
	others := slices.DeleteFunc(env, func(each string) bool { return strings.HasPrefix(each, "PYTHONPATH=") })
	return syscall.Exec(program, append([]string{program}, args...), append(others, path))
}
