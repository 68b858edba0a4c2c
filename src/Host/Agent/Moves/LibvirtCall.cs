using System.Buffers.Binary;

namespace VioActors.Daemon.Agent.Moves;

/// <summary>
/// The calls that the source's libvirtd makes in a peer-to-peer move, and what may be in them. The numbers are those of
/// libvirt's own protocol (remote_protocol.x, virkeepaliveprotocol.x), which keeps them for good.
/// </summary>
internal static class LibvirtCall
{
    /// <summary>Octets of length and header.</summary>
    public const int HeaderBytes = 28;

    private const uint Remote = 0x20008086;
    private const uint KeepAlive = 0x6b656570;
    private const uint Call = 0;
    private const uint Event = 2;
    private const uint ConnectOpen = 1;
    private const uint Prepare = 303;
    private const uint Finish = 306;
    private const uint MostParameters = 64;

    // Close, features, authentication (which has nothing to offer to root), and the notice that a connection ends.
    private static readonly HashSet<uint> Harmless = [2, 60, 66, 360, 361];

    // Live, peer to peer, paused, incremental copy, change protection, abort on error, auto-converge. Not among them:
    // what would make the machine persistent, or copy onto other storage.
    private const uint Flags = 0x1 | 0x2 | 0x20 | 0x80 | 0x100 | 0x1000 | 0x2000;

    /// <summary>Why a message may not go to libvirtd; null when it may.</summary>
    /// <param name="message">All of it, with its length.</param>
    /// <param name="guest">What the move may bring.</param>
    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public static string? Problem(ReadOnlySpan<byte> message, IncomingGuest guest)
    {
        var (program, version) = (Word(message, 1), Word(message, 2));
        var (procedure, type) = (Word(message, 3), Word(message, 4));
        var known = version == 1 && (type, program) is (Call, Remote) or (Event, KeepAlive);
        if (!known) return $"program 0x{program:x} version {version} type {type} is not part of a move";
        if (program == KeepAlive || Harmless.Contains(procedure)) return null;
        var body = new XdrReader(message[HeaderBytes..]);
        return procedure switch
        {
            ConnectOpen => Open(body, guest.Hypervisor),
            Prepare => Parameters(ref body, guest, finish: false),
            Finish => Parameters(ref body, guest, finish: true),
            _ => $"procedure {procedure} is not part of a move",
        };
    }

    // Another URI would make libvirtd itself connect elsewhere, or run a program.
    private static string? Open(XdrReader body, string hypervisor)
    {
        var name = body.Number() == 1 ? body.Text() : "";
        return name == hypervisor ? null : $"it opens '{name}' and not {hypervisor}";
    }

    private static string? Parameters(ref XdrReader body, IncomingGuest guest, bool finish)
    {
        var seen = new HashSet<string>();
        var count = body.Number();
        if (count > MostParameters) return $"it has {count} parameters";
        for (var i = 0u; i < count; i++)
        {
            var name = body.Text();
            var value = Value(ref body);
            seen.Add(name);
            if (Parameter(name, value, guest) is { } problem) return problem;
        }
        body.Opaque();
        var flags = body.Number();
        if ((flags & ~Flags) != 0) return $"flags 0x{flags & ~Flags:x} are not part of a move";
        string[] needed = finish ? ["destination_name"] : ["destination_xml", "migrate_uri"];
        return needed.FirstOrDefault(name => !seen.Contains(name)) is { } missing ? $"it names no {missing}" : null;
    }

    private static string? Parameter(string name, string? value, IncomingGuest guest) => name switch
    {
        "destination_xml" => IncomingXml.Problem(guest.Xml, value ?? ""),
        "migrate_uri" => Same(name, guest.MemoryUri, value),
        "disks_uri" => Same(name, guest.DiskUri, value),
        "destination_name" => Same(name, guest.Node.DomainName, value),
        "migrate_disks" => Same(name, "vda", value),
        "bandwidth" => null,
        _ => $"parameter {name} is not part of a move",
    };

    private static string? Same(string name, string wanted, string? value) =>
        value == wanted ? null : $"{name} is '{value}' and not '{wanted}'";

    /// <summary>A typed value: its text, or null for a number.</summary>
    private static string? Value(ref XdrReader body)
    {
        switch (body.Number())
        {
            case 1 or 2 or 6: // int, unsigned, boolean
                body.Skip(4);
                return null;
            case 3 or 4 or 5: // long, unsigned long, double
                body.Skip(8);
                return null;
            case 7:
                return body.Text();
            case var type:
                throw new InvalidDataException($"it has a value of type {type}");
        }
    }

    private static uint Word(ReadOnlySpan<byte> message, int index) =>
        BinaryPrimitives.ReadUInt32BigEndian(message[(index * 4)..]);
}
