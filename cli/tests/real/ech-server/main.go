// A web server that takes encrypted ClientHellos (RFC 9849), and the resolver that tells its key (RFC 8484, RFC 9460).
//
// rustls has no ECH server; Go's crypto/tls has one. Flags say what to be; it prints one line with its ports when
// it listens, and one line for each request: what it was asked for, and whether the ClientHello was decrypted.
package main

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
)

var (
	certificate = flag.String("cert", "", "PEM: for the inner name, the outer name and 127.0.0.1")
	key         = flag.String("key", "", "PEM: its key")
	outer       = flag.String("outer", "outer.example", "the name in the clear")
	told        = flag.String("told", "current", "the key that the resolver tells: current, old, none")
	retry       = flag.Bool("retry", true, "hand out the current key to who uses an old one")
	deaf        = flag.Bool("deaf", false, "take no encrypted ClientHello at all")
	again       = flag.Bool("again", false, "ask every client for a second ClientHello")
)

var stdout sync.Mutex

func say(format string, values ...any) {
	stdout.Lock()
	defer stdout.Unlock()
	fmt.Printf(format+"\n", values...)
}

func main() {
	flag.Parse()
	pair, err := tls.LoadX509KeyPair(*certificate, *key)
	check(err)
	current, currentKey := config(1)
	old, _ := config(2)

	web := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13, NextProtos: []string{"h2", "http/1.1"}}
	if !*deaf {
		web.EncryptedClientHelloKeys = []tls.EncryptedClientHelloKey{{Config: current, PrivateKey: currentKey, SendAsRetry: *retry}}
	}
	if *again {
		web.CurvePreferences = []tls.CurveID{tls.CurveP384}
	}

	var published []byte
	switch *told {
	case "current":
		published = list(current)
	case "old":
		published = list(old)
	}
	resolver := &tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2", "http/1.1"}}

	webListener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	dnsListener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		say("page host=%s name=%s ech=%t again=%t", r.Host, r.TLS.ServerName, r.TLS.ECHAccepted, r.TLS.HelloRetryRequest)
		io.WriteString(w, "The true page, and nothing else.\n")
	})
	names := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var query []byte
		if r.Method == http.MethodGet {
			query, _ = base64.RawURLEncoding.DecodeString(r.URL.Query().Get("dns"))
		} else {
			query, _ = io.ReadAll(io.LimitReader(r.Body, 4096))
		}
		answer := answer(query, published)
		if answer == nil {
			http.Error(w, "no query", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/dns-message")
		w.Write(answer)
	})
	quiet := log.New(io.Discard, "", 0)
	go func() {
		server := &http.Server{Handler: names, TLSConfig: resolver, ErrorLog: quiet}
		log.Fatal(server.ServeTLS(dnsListener, "", ""))
	}()
	say("listening web=%d dns=%d", webListener.Addr().(*net.TCPAddr).Port, dnsListener.Addr().(*net.TCPAddr).Port)
	server := &http.Server{Handler: page, TLSConfig: web, ErrorLog: quiet}
	log.Fatal(server.ServeTLS(webListener, "", ""))
}

// config makes an ECHConfig for X25519 and AES-128-GCM (RFC 9849 section 4), and its key.
func config(id byte) ([]byte, []byte) {
	private, err := ecdh.X25519().GenerateKey(rand.Reader)
	check(err)
	public := private.PublicKey().Bytes()
	contents := []byte{id, 0, 0x20}
	contents = binary.BigEndian.AppendUint16(contents, uint16(len(public)))
	contents = append(contents, public...)
	contents = append(contents, 0, 4, 0, 1, 0, 1) // HKDF-SHA256, AES-128-GCM
	contents = append(contents, 32, byte(len(*outer)))
	contents = append(contents, *outer...)
	contents = append(contents, 0, 0)
	config := []byte{0xfe, 0x0d}
	config = binary.BigEndian.AppendUint16(config, uint16(len(contents)))
	return append(config, contents...), private.Bytes()
}

func list(config []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(config))), config...)
}

// answer: 127.0.0.1 for A; for HTTPS (65) a record in service mode with the key, if there is one; nothing else.
func answer(query []byte, published []byte) []byte {
	end := 12
	for end < len(query) && query[end] != 0 {
		end += 1 + int(query[end])
	}
	end += 5
	if len(query) < end {
		return nil
	}
	kind := binary.BigEndian.Uint16(query[end-4:])
	var data []byte
	switch {
	case kind == 1:
		data = []byte{127, 0, 0, 1}
	case kind == 65 && published != nil:
		// Priority 1, target ".", alpn=h2, ech=...
		data = []byte{0, 1, 0, 0, 1, 0, 3, 2, 'h', '2', 0, 5}
		data = binary.BigEndian.AppendUint16(data, uint16(len(published)))
		data = append(data, published...)
	}
	answer := append([]byte{}, query[:2]...)
	answer = append(answer, 0x81, 0x80, 0, 1)
	if data == nil {
		answer = append(answer, 0, 0)
	} else {
		answer = append(answer, 0, 1)
	}
	answer = append(answer, 0, 0, 0, 0)
	answer = append(answer, query[12:end]...)
	if data != nil {
		answer = append(answer, 0xc0, 12)
		answer = binary.BigEndian.AppendUint16(answer, kind)
		answer = append(answer, 0, 1, 0, 0, 0, 60)
		answer = binary.BigEndian.AppendUint16(answer, uint16(len(data)))
		answer = append(answer, data...)
	}
	return answer
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
