package main

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"os/user"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
)

// osUser says that the user of the operating system acts.
func osUser(context.Context) (imednet.Identity, error) {
	u, err := user.Current()
	if err != nil {
		return imednet.Identity{}, err
	}
	return imednet.Identity{ID: u.Username, DisplayName: u.Name, Authenticated: audit.ByAccount}, nil
}

// osAccount is the account of the operating system under which the command runs.
func osAccount() (string, error) {
	who, err := osUser(context.Background())
	return who.ID, err
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

// signers are the keys of those who may sign, as they are named by flags.
type signers struct{ files, named []string }

func (s *signers) flags(cmd *cobra.Command) {
	keysFlag(cmd, &s.files)
	cmd.Flags().StringArrayVar(&s.named, "signer", nil, "like --public-key, as `NAME=FILE`: the key signs in no other name; repeatable")
}

// read gives the keys, and the names in which those of --signer may sign.
func (s *signers) read() (keys []ed25519.PublicKey, names map[string][]string, err error) {
	if keys, err = publicKeys(s.files); err != nil {
		return nil, nil, err
	}
	names = map[string][]string{}
	for _, named := range s.named {
		name, file, ok := strings.Cut(named, "=")
		if !ok || name == "" || file == "" {
			return nil, nil, usagef("--signer is a name, an equals sign and a file, such as anna=anna.pub")
		}
		key, err := publicKeys([]string{file})
		if err != nil {
			return nil, nil, err
		}
		id := imednet.SigningKeyID(key[0])
		keys, names[id] = append(keys, key[0]), append(names[id], name)
	}
	return keys, names, nil
}

// signingKey reads the key by which whoever acts signs.
func (a *app) signingKey(ctx context.Context, path, claimed string) (ed25519.PrivateKey, error) {
	key, err := privateKey(path)
	if err != nil {
		return nil, err
	}
	who, err := a.acting(ctx, claimed)
	if err != nil {
		return nil, err
	}
	return key, a.ownKey(who, key)
}

// ownKey refuses a key that the policy has as that of somebody else: nobody signs with a colleague's.
func (a *app) ownKey(who imednet.Identity, key ed25519.PrivateKey) error {
	if a.policy == nil || key == nil {
		return nil
	}
	return a.policy.MaySign(who.ID, ed25519.PublicKey(key[ed25519.PrivateKeySize-ed25519.PublicKeySize:]))
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
