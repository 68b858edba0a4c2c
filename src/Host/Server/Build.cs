using System.Reflection;

namespace VioActors.Daemon.Server;

/// <summary>Which build this is; part of every hello.</summary>
internal static class Build
{
    /// <summary>Version and, when known, the commit.</summary>
    public static readonly string Version =
        typeof(Build).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
