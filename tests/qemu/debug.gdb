# debug.gdb - what gdb should know beside the kernel's symbols; `make debug' prints the command that
# reads it. The application says where the firmware has put it: `image at 0x...'.
set confirm off
define app-x64
  add-symbol-file build/x64/bootmem.so -o $arg0
end
document app-x64
Symbols of the x64 application: app-x64 ADDRESS, the one that it prints as `image at'.
end
define app-ia32
  add-symbol-file build/ia32/bootmem.so -o $arg0
end
document app-ia32
Symbols of the ia32 application: app-ia32 ADDRESS, the one that it prints as `image at'.
end
echo Kernel: hbreak start, continue. Application: app-x64 or app-ia32 ADDRESS.\n
