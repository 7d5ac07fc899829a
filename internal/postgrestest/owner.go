package postgrestest

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
)

// owner gives the folder to the user that the server runs as, and returns the command that runs another
// as that user; "" is this one. The server refuses to run as root, which takes the user postgres, or
// nobody.
func owner(dir string) (as string, err error) {
	if os.Getuid() != 0 {
		return "", nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		account, err = user.Lookup("nobody")
	}
	if err != nil {
		return "", err
	}
	uid, err := strconv.Atoi(account.Uid)
	if err != nil {
		return "", err
	}
	gid, err := strconv.Atoi(account.Gid)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("setpriv --reuid=%d --regid=%d --clear-groups", uid, gid), os.Chown(dir, uid, gid)
}
