"""The same algebra in NumPy over OpenBLAS. Reads one command per line, answers the seconds it took and a checksum.

gram FILE ROWS COLUMNS       sum of block.T @ block over float16 rows, products in float32, sums in float64
gram64 FILE ROWS COLUMNS     the same with products in float64
cholesky ORDER               of a float64 matrix
score FILE ROWS COLUMNS QUERIES
copy FILE ROWS COLUMNS       reads the file and copies it once: what the bytes alone cost
"""

import sys
import time

import numpy as np

BLOCK_ROWS = 4096


def blocks(path, rows, columns):
    stored = np.memmap(path, dtype=np.float16, mode="r", shape=(rows, columns))
    for start in range(0, rows, BLOCK_ROWS):
        yield stored[start : start + BLOCK_ROWS]


def gram(path, rows, columns, dtype=np.float32):
    total = np.zeros((columns, columns))
    for block in blocks(path, rows, columns):
        wide = block.astype(dtype)
        total += wide.T @ wide
    return float(np.trace(total))


def gram64(path, rows, columns):
    return gram(path, rows, columns, np.float64)


def cholesky(order):
    noise = np.random.default_rng(0).standard_normal((order, 64))
    matrix = noise @ noise.T + 64 * np.eye(order)
    start = time.perf_counter()
    factor = np.linalg.cholesky(matrix)
    return float(np.trace(factor)), time.perf_counter() - start


def score(path, rows, columns, queries):
    left = np.random.default_rng(1).standard_normal((queries, columns)).astype(np.float32)
    total = 0.0
    for block in blocks(path, rows, columns):
        total += float((left @ block.astype(np.float32).T)[0, 0])
    return total


def copy(path, rows, columns):
    whole = np.empty((rows, columns), dtype=np.float16)
    for index, block in enumerate(blocks(path, rows, columns)):
        whole[index * BLOCK_ROWS : index * BLOCK_ROWS + len(block)] = block
    return float(whole[0, 0])


COMMANDS = {"gram": gram, "gram64": gram64, "cholesky": cholesky, "score": score, "copy": copy}

for line in sys.stdin:
    name, *words = line.split()
    start = time.perf_counter()
    answer = COMMANDS[name](*(int(word) if word.isdigit() else word for word in words))
    seconds = time.perf_counter() - start
    if isinstance(answer, tuple):
        answer, seconds = answer
    print(f"{seconds} {answer}", flush=True)
