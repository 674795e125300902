package catalog

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// ForeignDataWrapper mirrors pg_foreign_data_wrapper.
type ForeignDataWrapper struct {
	Name               string
	Handler, Validator QName
	Options            []string // "name=value", sorted
}

// ID identifies the wrapper by its name.
func (o ForeignDataWrapper) ID() ID { return ID{Kind: KindForeignDataWrapper, Name: o.Name} }

// Server mirrors pg_foreign_server.
type Server struct {
	Name          string
	Wrapper       string
	Type, Version string
	Options       []string // "name=value", sorted
}

// ID identifies the server by its name.
func (o Server) ID() ID { return ID{Kind: KindServer, Name: o.Name} }

// UserMapping mirrors pg_user_mappings. Options whose names tell of a secret
// hold a digest in place of the value.
type UserMapping struct {
	Server, User string // User is "public" for everybody
	Options      []string
}

// ID identifies the mapping by its server and user.
func (o UserMapping) ID() ID { return ID{Kind: KindUserMapping, Name: o.Server, Role: o.User} }

// secretWords are what the names of options that hold secrets contain.
var secretWords = []string{"password", "passwd", "secret", "token", "key"}

// MaskOption puts a digest in place of the value of an option "name=value" whose
// name tells of a secret, so that a change can be seen but not what it is.
func MaskOption(option string) string {
	name, value, _ := strings.Cut(option, "=")
	for _, w := range secretWords {
		if strings.Contains(strings.ToLower(name), w) && !strings.HasPrefix(value, "sha256:") {
			return fmt.Sprintf("%s=sha256:%x", name, sha256.Sum256([]byte(value)))
		}
	}
	return option
}
