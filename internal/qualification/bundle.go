package qualification

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet/internal/fsync"
)

// The files of a bundle that are not evidence.
const (
	pageFile      = "index.html"
	reportFile    = "report.json"
	manifestFile  = "manifest.json"
	signatureFile = "signature.json"
)

// bundle is a new folder, whose manifest is written last.
type bundle struct {
	dir   string
	files []File
}

func newBundle(dir string) (*bundle, error) {
	return &bundle{dir: dir}, os.Mkdir(dir, 0o700)
}

// write adds a file, durably, and notes its hash.
func (b *bundle) write(name string, content []byte) error {
	if err := b.writeUnlisted(name, content); err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	b.files = append(b.files, File{Path: name, Bytes: int64(len(content)), SHA256: hex.EncodeToString(sum[:])})
	return nil
}

// writeUnlisted adds a file that the manifest does not list.
func (b *bundle) writeUnlisted(name string, content []byte) error {
	file := filepath.Join(b.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close(), fsync.Dir(filepath.Dir(file)))
}
