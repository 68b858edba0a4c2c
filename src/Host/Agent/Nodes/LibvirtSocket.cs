namespace VioActors.Daemon.Agent.Nodes;

/// <summary>Where a host's libvirtd listens, and whose it is.</summary>
internal static class LibvirtSocket
{
    private const string Default = "/run/libvirt/libvirt-sock";
    private const string Parameter = "socket=";

    /// <summary>The unix socket behind a libvirt URI.</summary>
    public static string Of(string uri) =>
        new Uri(uri).Query.TrimStart('?').Split('&')
            .Where(part => part.StartsWith(Parameter, StringComparison.Ordinal))
            .Select(part => Uri.UnescapeDataString(part[Parameter.Length..]))
            .FirstOrDefault(IsSession(uri) ? Session() : Default);

    /// <summary>Whether it is the daemon of one user, which the connection starts, and not that of the host.</summary>
    public static bool IsSession(string uri) => new Uri(uri).AbsolutePath == "/session";

    /// <summary>What the daemon itself calls its hypervisor: <c>qemu:///system</c> or <c>qemu:///session</c>.</summary>
    public static string NameOf(string uri) => IsSession(uri) ? "qemu:///session" : "qemu:///system";

    // libvirt's own rule.
    private static string Session() => Path.Combine(
        Variable("XDG_RUNTIME_DIR") ?? Variable("XDG_CACHE_HOME")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "libvirt", "libvirt-sock");

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
