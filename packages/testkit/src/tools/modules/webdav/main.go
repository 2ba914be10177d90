// A store of files over HTTP, as WebDAV has it: a folder, behind one user and password.
package main

import (
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"os"

	"golang.org/x/net/webdav"
)

func main() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("usage: webdav FOLDER"))
	}
	login := os.Getenv("WEBDAV_LOGIN")
	store := &webdav.Handler{FileSystem: webdav.Dir(os.Args[1]), LockSystem: webdav.NewMemLS()}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	fail(http.Serve(listener, http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		user, password, _ := request.BasicAuth()
		if subtle.ConstantTimeCompare([]byte(user+":"+password), []byte(login)) != 1 {
			http.Error(answer, "who are you?", http.StatusUnauthorized)
			return
		}
		store.ServeHTTP(answer, request)
	})))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
