@echo off
rem The command line of an installed Heirloom, with the Node that came with it.
"%~dp0node_modules\node\bin\node.exe" "%~dp0out\app\cli\main.js" %*
