package main

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"os/user"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
)

// osUser says that the user of the operating system acts.
func osUser(context.Context) (imednet.Identity, error) {
	u, err := user.Current()
	if err != nil {
		return imednet.Identity{}, err
	}
	return imednet.Identity{ID: u.Username, DisplayName: u.Name, Authenticated: "os-user"}, nil
}

// signing are the flags of a command that signs.
type signing struct{ key, meaning string }

func (s *signing) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.key, "key", "", "`file` with the private key, Ed25519 in PEM (PKCS #8)")
	cmd.Flags().StringVar(&s.meaning, "meaning", "", "what the signature means: review, approval, responsibility …")
	required(cmd, "key", "meaning")
}

// privateKey reads the key anew for every signature. Whoever else can read it could sign too.
func privateKey(path string) (ed25519.PrivateKey, error) {
	text, err := readSecret("key", path)
	if err != nil {
		return nil, err
	}
	der, err := pemBlock(path, text, "PRIVATE KEY")
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	private, ok := key.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, usagef("%s does not contain an Ed25519 private key; create one with `openssl genpkey -algorithm ed25519`", path)
	}
	return private, nil
}

// publicKeys reads the keys of those who may sign.
func publicKeys(paths []string) (keys []ed25519.PublicKey, err error) {
	for _, path := range paths {
		text, err := readRegular("key", path)
		if err != nil {
			return nil, err
		}
		der, err := pemBlock(path, text, "PUBLIC KEY")
		if err != nil {
			return nil, err
		}
		key, err := x509.ParsePKIXPublicKey(der)
		public, ok := key.(ed25519.PublicKey)
		if err != nil || !ok {
			return nil, usagef("%s does not contain an Ed25519 public key; write it with `openssl pkey -pubout`", path)
		}
		keys = append(keys, public)
	}
	return keys, nil
}

func pemBlock(path string, text []byte, kind string) ([]byte, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != kind {
		return nil, usagef("%s is not a PEM file with a %s", path, kind)
	}
	return block.Bytes, nil
}

func keysFlag(cmd *cobra.Command, paths *[]string) {
	cmd.Flags().StringArrayVar(paths, "public-key", nil, "`file` with the public key of a permitted signer; repeatable")
}
