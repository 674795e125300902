package server

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/jackc/pgx/v5"
)

// template gives a prepared data folder to copy: the second throwaway server
// of a version needs no initdb and no loading of the platform.
func template(ctx context.Context, bin *Binaries, who account, platform bool) (string, error) {
	cache, err := CacheDir()
	if err != nil {
		return "", err
	}
	name, content := "plain", throwawayConf+bin.Dir+who.name
	if platform {
		name, content = "platform", content+platformSQL
	}
	key := fmt.Sprintf("%x", sha256.Sum256([]byte(content)))[:12]
	path := filepath.Join(cache, "template", bin.Version+"-"+name+"-"+key)
	err = once(ctx, path, func(scratch string) error {
		if err := who.own(scratch); err != nil {
			return err
		}
		data := filepath.Join(scratch, "data")
		if err := initdb(ctx, bin, who, data, initOptions{conf: throwawayConf, flags: []string{"--auth=trust", "--no-sync", "--wal-segsize=1"}}); err != nil {
			return err
		}
		if !platform {
			return nil
		}
		return addPlatformTemplate(ctx, bin, who, data)
	})
	if err != nil {
		return "", fmt.Errorf("preparing a PostgreSQL %s: %w", bin.Version, err)
	}
	return filepath.Join(path, "data"), nil
}

func addPlatformTemplate(ctx context.Context, bin *Binaries, who account, data string) (err error) {
	port, err := freePort()
	if err != nil {
		return err
	}
	p, err := startProcess(ctx, bin, who, run{data: data, port: port, stop: stopFast})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	s := &Server{Port: port}
	if err := execute(ctx, s.URL("postgres"), "CREATE DATABASE "+PlatformTemplate); err != nil {
		return err
	}
	return LoadPlatform(ctx, s.URL(PlatformTemplate))
}

type initOptions struct {
	conf     string // appended to postgresql.conf
	password string // of role postgres; empty: none
	flags    []string
}

// initdb makes a data folder with superuser postgres and UTF-8 databases
// that sort and classify as C.UTF-8, where the system has that, else as C.
func initdb(ctx context.Context, bin *Binaries, who account, data string, o initOptions) error {
	args := append([]string{"-D", data, "--username=postgres", "--encoding=UTF8"}, o.flags...)
	if o.password != "" {
		file, err := passwordFile(who, o.password)
		if err != nil {
			return err
		}
		defer os.Remove(file)
		args = append(args, "--pwfile="+file)
	}
	var failed error
	for _, locale := range []string{"C.UTF-8", "C"} {
		cmd := exec.CommandContext(ctx, bin.program("initdb"), append(args, "--locale="+locale)...)
		cmd.Env, cmd.SysProcAttr, cmd.Dir = bin.env(), who.attr(), "/"
		out, err := cmd.CombinedOutput()
		if failed = errors.Join(err, asError(out, err)); failed == nil {
			break
		}
		os.RemoveAll(data)
	}
	if failed != nil {
		return fmt.Errorf("initdb: %w", failed)
	}
	conf, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = conf.WriteString(o.conf)
	return errors.Join(err, conf.Close())
}

func passwordFile(who account, password string) (string, error) {
	f, err := os.CreateTemp("", "bloom-password-")
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(password + "\n")
	return f.Name(), errors.Join(err, f.Close(), who.own(f.Name()))
}

// execute runs SQL, one or several statements, on a connection of its own.
func execute(ctx context.Context, url, sql string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.PgConn().Exec(ctx, sql).ReadAll()
	return err
}
