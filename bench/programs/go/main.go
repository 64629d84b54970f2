// Go's side of the suites. It speaks the protocol of bench/programs/protocol.py:
// "PROGRAM CASE N REPEATS" prints a line {"case": ..., "value": ...} for each repetition.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

var cases = map[string]func(n int) float64{
	"start":           func(n int) float64 { return start(n, 1000) },
	"alive":           func(n int) float64 { return start(n, n) },
	"park":            park,
	"pingpong":        pingpong,
	"unbuffered":      func(n int) float64 { return oneWay(n, 0, 1) },
	"buffered":        func(n int) float64 { return oneWay(n, 100, 1) },
	"fanin":           func(n int) float64 { return oneWay(n, 0, 100) },
	"yield":           yield,
	"select2":         func(n int) float64 { return select2(n, 0) },
	"select2-ready":   func(n int) float64 { return select2(n, n/2) },
	"select8":         func(n int) float64 { return select8(n, 0) },
	"select8-ready":   func(n int) float64 { return select8(n, n/8) },
	"waitgroup":       waitGroup,
	"mutex":           mutex,
	"mutex-contended": mutexContended,
	"timer":           timer,
	"sleep":           sleep,
	"memory":          memory,
	"million":         million,
	"fanout":          fanOut,
	"mergesort":       mergeSortCase,
	"matrix":          matrix,
	"sieve":           sieve,
	"mutex-parallel":  mutexParallel,
	"pingpong-across": pingpongAcross,
	"goroutines":      func(n int) float64 { return start(n, n) },
}

func main() {
	n, _ := strconv.Atoi(os.Args[2])
	repeats, _ := strconv.Atoi(os.Args[3])
	run := cases[os.Args[1]]
	if run == nil {
		return
	}
	for range repeats {
		runtime.GC()
		if value := run(n); value >= 0 {
			report(os.Args[1], value)
		}
	}
}

func report(name string, value float64) {
	fmt.Printf("{\"case\": %q, \"value\": %g}\n", name, value)
}

func since(begin time.Time, n int) float64 {
	return float64(time.Since(begin).Nanoseconds()) / float64(n)
}

func milliseconds(begin time.Time) float64 {
	return float64(time.Since(begin).Nanoseconds()) / 1e6
}

func cpu() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func resident() float64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		panic(err)
	}
	pages, _ := strconv.Atoi(strings.Fields(string(text))[1])
	return float64(pages * os.Getpagesize())
}

func start(n, batch int) float64 {
	var group sync.WaitGroup
	begin := time.Now()
	for range n / batch {
		group.Add(batch)
		for range batch {
			go group.Done()
		}
		group.Wait()
	}
	return since(begin, n)
}

// parked starts n goroutines that wait on one channel; what it returns lets them go.
func parked(n int) (release func()) {
	gate := make(chan struct{})
	var group sync.WaitGroup
	var arrived atomic.Int64
	group.Add(n)
	for range n {
		go func() {
			arrived.Add(1)
			<-gate
			group.Done()
		}()
	}
	for arrived.Load() < int64(n) {
		runtime.Gosched()
	}
	return func() {
		close(gate)
		group.Wait()
	}
}

func park(n int) float64 {
	begin := time.Now()
	parked(n)()
	return since(begin, n)
}

func pingpong(n int) float64 {
	there, back := make(chan int), make(chan int)
	go func() {
		for value := range there {
			back <- value
		}
	}()
	begin := time.Now()
	for i := range n / 2 {
		there <- i
		<-back
	}
	elapsed := since(begin, n)
	close(there)
	return elapsed
}

func oneWay(n, capacity, senders int) float64 {
	ch := make(chan int, capacity)
	begin := time.Now()
	for range senders {
		go func() {
			for i := range n / senders {
				ch <- i
			}
		}()
	}
	for range n {
		<-ch
	}
	return since(begin, n)
}

func yield(n int) float64 {
	var group sync.WaitGroup
	begin := time.Now()
	for range 2 {
		group.Go(func() {
			for range n / 2 {
				runtime.Gosched()
			}
		})
	}
	group.Wait()
	return since(begin, n)
}

// channels returns channels that n values are sent to in turn: at once where they have room, else by a goroutine.
func channels(ways, n, capacity int) []chan int {
	chans := make([]chan int, ways)
	for i := range chans {
		chans[i] = make(chan int, capacity)
	}
	sendRound := func() {
		for range n / ways {
			for _, ch := range chans {
				ch <- 1
			}
		}
	}
	if capacity > 0 {
		sendRound()
	} else {
		go sendRound()
	}
	return chans
}

func select2(n, capacity int) float64 {
	c := channels(2, n, capacity)
	begin := time.Now()
	for range n {
		select {
		case <-c[0]:
		case <-c[1]:
		}
	}
	return since(begin, n)
}

func select8(n, capacity int) float64 {
	c := channels(8, n, capacity)
	begin := time.Now()
	for range n {
		select {
		case <-c[0]:
		case <-c[1]:
		case <-c[2]:
		case <-c[3]:
		case <-c[4]:
		case <-c[5]:
		case <-c[6]:
		case <-c[7]:
		}
	}
	return since(begin, n)
}

func waitGroup(n int) float64 {
	begin := time.Now()
	for range n / 1000 {
		var group sync.WaitGroup
		for range 1000 {
			group.Go(func() {})
		}
		group.Wait()
	}
	return since(begin, n)
}

func mutex(n int) float64 {
	var lock sync.Mutex
	begin := time.Now()
	for range n {
		lock.Lock()
		lock.Unlock()
	}
	return since(begin, n)
}

func mutexContended(n int) float64 {
	var lock sync.Mutex
	var group sync.WaitGroup
	begin := time.Now()
	for range 10 {
		group.Go(func() {
			for range n / 10 {
				lock.Lock()
				runtime.Gosched()
				lock.Unlock()
			}
		})
	}
	group.Wait()
	return since(begin, n)
}

func timer(n int) float64 {
	begin := time.Now()
	for range n {
		time.NewTimer(time.Hour).Stop()
	}
	return since(begin, n)
}

func sleep(n int) float64 {
	var group sync.WaitGroup
	begin := cpu()
	for range n {
		group.Go(func() { time.Sleep(50 * time.Millisecond) })
	}
	group.Wait()
	return float64(cpu()-begin) / float64(n)
}

func memory(n int) float64 {
	debug.FreeOSMemory()
	before := resident()
	release := parked(n)
	used := (resident() - before) / float64(n)
	release()
	return used
}

func million(n int) float64 {
	before, begin := resident(), time.Now()
	release := parked(n)
	report("million-park", time.Since(begin).Seconds())
	report("million-memory", (resident()-before)/1e9)
	begin = time.Now()
	release()
	report("million-release", time.Since(begin).Seconds())
	return -1 // all is reported
}
