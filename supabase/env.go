package supabase

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"github.com/joho/godotenv"
)

// loadEnv sets what the project's .env files say and the environment does not
// say yet. The first file that sets a variable wins.
func (p *Project) loadEnv() error {
	name := os.Getenv("SUPABASE_ENV")
	if name == "" {
		name = "development"
	}
	files := []string{".env." + name + ".local", ".env.local", ".env." + name, ".env"}
	if name == "test" { // must not depend on what one developer has
		files = []string{".env.test.local", ".env.test", ".env"}
	}
	for _, dir := range []string{"supabase", "."} {
		for _, file := range files {
			file = path.Join(dir, file)
			if err := loadEnvFile(p.path(file)); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return nil
}

func loadEnvFile(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	vars, err := godotenv.Parse(f)
	if err != nil {
		return errors.New("not in the format of .env files") // the cause quotes the file, which has secrets
	}
	for name, value := range vars {
		if _, set := os.LookupEnv(name); set {
			continue
		}
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}
