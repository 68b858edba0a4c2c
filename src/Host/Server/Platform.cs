// Namespaces, cgroups, libvirt, peer credentials: VioActors runs on Linux only, and the analyzers may know.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
