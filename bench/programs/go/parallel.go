package main

import (
	"runtime"
	"sync"
	"time"
)

var sink int // keeps the compiler from dropping what is computed

func burn() int {
	total := 0
	for i := range 100_000 {
		total += i * i % 7
	}
	return total
}

func fanOut(n int) float64 {
	var group sync.WaitGroup
	results := make([]int, n)
	begin := time.Now()
	for i := range n {
		group.Go(func() { results[i] = burn() })
	}
	group.Wait()
	elapsed := milliseconds(begin)
	sink = results[0]
	return elapsed
}

func mergeSort(values []int, depth int) []int {
	if len(values) < 2 {
		return values
	}
	middle := len(values) / 2
	var left, right []int
	if depth > 0 {
		done := make(chan struct{})
		go func() {
			left = mergeSort(values[:middle], depth-1)
			close(done)
		}()
		right = mergeSort(values[middle:], depth-1)
		<-done
	} else {
		left, right = mergeSort(values[:middle], 0), mergeSort(values[middle:], 0)
	}
	return merge(left, right)
}

func merge(left, right []int) []int {
	merged := make([]int, 0, len(left)+len(right))
	for len(left) > 0 && len(right) > 0 {
		if left[0] <= right[0] {
			merged, left = append(merged, left[0]), left[1:]
		} else {
			merged, right = append(merged, right[0]), right[1:]
		}
	}
	return append(append(merged, left...), right...)
}

func mergeSortCase(n int) float64 {
	values := make([]int, n)
	for i := range values {
		values[i] = i * 7919 % n
	}
	begin := time.Now()
	sink = mergeSort(values, 3)[0]
	return milliseconds(begin)
}

func matrix(n int) float64 {
	a, product := make([][]float64, n), make([][]float64, n)
	for i := range a {
		a[i] = make([]float64, n)
		for j := range a[i] {
			a[i][j] = float64(i + j)
		}
	}
	var group sync.WaitGroup
	begin := time.Now()
	for i, row := range a {
		group.Go(func() {
			product[i] = make([]float64, n)
			for j := range n {
				for k, value := range row {
					product[i][j] += value * a[k][j]
				}
			}
		})
	}
	group.Wait()
	return milliseconds(begin)
}

// sieve finds the first n primes with one goroutine a prime; they are left blocked at the end.
func sieve(n int) float64 {
	begin := time.Now()
	ch := make(chan int)
	go func(out chan int) {
		for i := 2; ; i++ {
			out <- i
		}
	}(ch)
	for range n {
		prime, in, out := <-ch, ch, make(chan int)
		sink = prime
		go func() {
			for i := range in {
				if i%prime != 0 {
					out <- i
				}
			}
		}()
		ch = out
	}
	return milliseconds(begin)
}

// pingpongAcross keeps the two ends on threads of their own.
func pingpongAcross(n int) float64 {
	there, back := make(chan int), make(chan int)
	go func() {
		runtime.LockOSThread()
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

func mutexParallel(n int) float64 {
	var lock sync.Mutex
	var group sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	total := 0
	begin := time.Now()
	for range workers {
		group.Go(func() {
			for range n / workers {
				lock.Lock()
				total++
				lock.Unlock()
			}
		})
	}
	group.Wait()
	return since(begin, n)
}
