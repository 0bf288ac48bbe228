/* count.h - how many elements an array has. */
#ifndef BOOTMEM_COUNT_H
#define BOOTMEM_COUNT_H

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#endif
