; "Open with > Heirloom" for pictures. Heirloom is never the default: only the list of programs that can open a kind
; of file gets a name more, and nothing that another program wrote there is replaced.

!macro heirloomPictures DO
  !insertmacro ${DO} "jpg"
  !insertmacro ${DO} "jpeg"
  !insertmacro ${DO} "png"
  !insertmacro ${DO} "webp"
  !insertmacro ${DO} "tif"
  !insertmacro ${DO} "tiff"
  !insertmacro ${DO} "avif"
  !insertmacro ${DO} "gif"
  !insertmacro ${DO} "heic"
  !insertmacro ${DO} "heif"
!macroend

!macro heirloomOffer EXTENSION
  WriteRegStr SHELL_CONTEXT "Software\Classes\.${EXTENSION}\OpenWithProgids" "Heirloom.Picture" ""
  WriteRegStr SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}\SupportedTypes" ".${EXTENSION}" ""
!macroend

!macro heirloomWithdraw EXTENSION
  DeleteRegValue SHELL_CONTEXT "Software\Classes\.${EXTENSION}\OpenWithProgids" "Heirloom.Picture"
!macroend

!macro customInstall
  WriteRegStr SHELL_CONTEXT "Software\Classes\Heirloom.Picture" "" "Picture"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Heirloom.Picture\shell\open\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
  WriteRegStr SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}" "FriendlyAppName" "Heirloom"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}\shell\open\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
  !insertmacro heirloomPictures heirloomOffer
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
!macroend

!macro customUnInstall
  !insertmacro heirloomPictures heirloomWithdraw
  DeleteRegKey SHELL_CONTEXT "Software\Classes\Heirloom.Picture"
  DeleteRegKey SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}"
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
!macroend
