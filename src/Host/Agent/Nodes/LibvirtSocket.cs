namespace VioActors.Daemon.Agent.Nodes;

/// <summary>Where a host's libvirtd listens.</summary>
internal static class LibvirtSocket
{
    private const string Default = "/run/libvirt/libvirt-sock";
    private const string Parameter = "socket=";

    /// <summary>The unix socket behind a libvirt URI.</summary>
    public static string Of(string uri) =>
        new Uri(uri).Query.TrimStart('?').Split('&')
            .Where(part => part.StartsWith(Parameter, StringComparison.Ordinal))
            .Select(part => Uri.UnescapeDataString(part[Parameter.Length..]))
            .FirstOrDefault(Default);
}
