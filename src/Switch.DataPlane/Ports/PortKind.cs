namespace VioActors.Switch.DataPlane;

/// <summary>What is at the other end of a port.</summary>
internal enum PortKind
{
    /// <summary>A private bridge with our TAP and one that the hypervisor opens.</summary>
    Joint,

    /// <summary>A TAP with the node's own addresses: this machine is the node.</summary>
    Tap,

    /// <summary>A stream socket on which a QEMU listens; needs no rights.</summary>
    Stream,

    /// <summary>Rings in the machine's memory, by the vhost-user protocol.</summary>
    VhostUser,
}

/// <summary>The words for kinds of ports in a wanted state and in the status.</summary>
internal static class PortKinds
{
    private static readonly string[] Kinds = ["joint", "tap", "stream", "vhost-user"];

    /// <summary>All words, for messages.</summary>
    public static string All { get; } = string.Join(", ", Kinds);

    public static string Word(PortKind kind) => Kinds[(int)kind];

    /// <summary>False for a word that is none.</summary>
    public static bool TryParse(string? word, out PortKind kind)
    {
        int index = Array.IndexOf(Kinds, word);
        kind = (PortKind)Math.Max(index, 0);
        return index >= 0;
    }

    /// <summary>Offloads in words, e.g. <c>csum tso4</c>; empty for none.</summary>
    public static string Words(PortOffloads offloads) => string.Join(' ', new[]
    {
        (PortOffloads.Checksum, "csum"),
        (PortOffloads.Tso4, "tso4"),
        (PortOffloads.Tso6, "tso6"),
        (PortOffloads.Ecn, "ecn"),
    }.Where(one => offloads.HasFlag(one.Item1)).Select(one => one.Item2));

    /// <summary>Whether a machine's socket is behind it.</summary>
    public static bool HasSocket(PortKind kind) => kind is PortKind.Stream or PortKind.VhostUser;
}

/// <summary>
/// Names of sockets: 1 to 64 characters of <c>a-z0-9.-</c>, none of them a dot at the start, checked before they reach
/// a path.
/// </summary>
internal static class SocketName
{
    private const int MaxChars = 64;

    public static bool IsValid(string? name) =>
        name is { Length: >= 1 and <= MaxChars } && name[0] != '.'
            && name.All(c => c is >= 'a' and <= 'z' or >= '0' and <= '9' or '.' or '-');
}
