// Package filehash hashes files, and compares them with what a manifest says of them.
package filehash

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// The ways in which a file is not the one that a manifest describes.
var (
	ErrOutside = errors.New("leads out of the directory")
	ErrDiffers = errors.New("differs from what its manifest says")
)

// Verify compares a file below dir, whose path has slashes, with its size and its SHA-256 in
// hexadecimal. The errors are [ErrOutside], [ErrDiffers] and those of the file system.
func Verify(dir, path string, size int64, sum string) error {
	local := filepath.FromSlash(path)
	if !filepath.IsLocal(local) {
		return ErrOutside
	}
	file, err := os.Open(filepath.Join(dir, local))
	if err != nil {
		return err
	}
	defer file.Close()
	hash := sha256.New()
	n, err := io.Copy(hash, file)
	if err != nil {
		return err
	}
	if n != size || hex.EncodeToString(hash.Sum(nil)) != sum {
		return ErrDiffers
	}
	return nil
}
