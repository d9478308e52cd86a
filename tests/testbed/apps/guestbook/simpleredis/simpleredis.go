// Package simpleredis stands for github.com/xyproto/simpleredis, which no longer has the version
// that guestbook-go was written for. It has the part that guestbook-go uses.
package simpleredis

import (
	"time"

	"github.com/gomodule/redigo/redis"
)

// Less than the time after which a reader of the page gives up: a closed connection shows up as an
// error in it, not as a page that never comes.
const limit = 3 * time.Second

// ConnectionPool holds connections to one server.
type ConnectionPool struct {
	pool redis.Pool
}

// NewConnectionPoolHost makes the pool of the server at HOST:PORT. It does not connect yet.
func NewConnectionPoolHost(address string) *ConnectionPool {
	dial := func() (redis.Conn, error) {
		return redis.Dial("tcp", address, redis.DialConnectTimeout(limit),
			redis.DialReadTimeout(limit), redis.DialWriteTimeout(limit))
	}
	return &ConnectionPool{redis.Pool{Dial: dial, MaxIdle: 3, IdleTimeout: limit}}
}

// Get gives a connection, on which a database is selected. Errors come with its first use.
func (held *ConnectionPool) Get(database int) redis.Conn {
	connection := held.pool.Get()
	if database != 0 {
		connection.Do("SELECT", database)
	}
	return connection
}

// Close ends all connections that are not in use.
func (held *ConnectionPool) Close() {
	held.pool.Close()
}

// List is a list of texts, known by its key.
type List struct {
	pool *ConnectionPool
	key  string
}

// NewList names a list; it need not exist.
func NewList(pool *ConnectionPool, key string) *List {
	return &List{pool, key}
}

// GetAll reads all texts, none of a list that does not exist.
func (list *List) GetAll() ([]string, error) {
	connection := list.pool.Get(0)
	defer connection.Close()
	return redis.Strings(connection.Do("LRANGE", list.key, 0, -1))
}

// Add appends a text.
func (list *List) Add(value string) error {
	connection := list.pool.Get(0)
	defer connection.Close()
	_, err := connection.Do("RPUSH", list.key, value)
	return err
}
