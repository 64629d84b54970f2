cpdef double seconds(object d) except? -1.0
