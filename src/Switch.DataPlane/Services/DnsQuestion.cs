using System.Buffers.Binary;

namespace VioActors.Switch.DataPlane;

/// <summary>Kinds of records (RFC 1035, 3.2.2).</summary>
internal static class DnsType
{
    public const int A = 1;
    public const int Soa = 6;
    public const int Ptr = 12;
    public const int Aaaa = 28;
    public const int Opt = 41;
    public const int Any = 255;
}

/// <summary>Codes of answers (RFC 1035, 4.1.1; RFC 6891).</summary>
internal enum DnsCode
{
    Success = 0,
    BadFormat = 1,
    NoName = 3,
    NotImplemented = 4,
    Refused = 5,
    BadVersion = 16,
}

/// <summary>One question of DNS.</summary>
internal readonly ref struct DnsQuestion
{
    public const int HeaderBytes = 12;
    public const int MaxNameChars = 255;
    private const int MaxRecords = 8;
    private const int MaxLabels = 128;

    /// <summary>The first twelve bytes.</summary>
    public ReadOnlySpan<byte> Header { get; private init; }

    /// <summary>Name, type and class as they came, to be repeated.</summary>
    public ReadOnlySpan<byte> Section { get; private init; }

    /// <summary>The name in lower case with dots, without the last one; in the caller's buffer.</summary>
    public ReadOnlySpan<char> Name { get; private init; }

    public int Type { get; private init; }
    public int Class { get; private init; }

    /// <summary>Whether the asker speaks EDNS.</summary>
    public bool HasEdns { get; private init; }

    public int EdnsVersion { get; private init; }

    /// <summary>What is wrong with it; <see cref="DnsCode.Success"/> when nothing.</summary>
    public DnsCode Problem { get; private init; }

    /// <summary>Reads a question; false when not even its header can be answered.</summary>
    /// <param name="message">The message.</param>
    /// <param name="buffer">For <see cref="MaxNameChars"/> characters; the name will lie there.</param>
    /// <param name="question">What it asks, or what is wrong.</param>
    public static bool TryParse(ReadOnlySpan<byte> message, Span<char> buffer, out DnsQuestion question)
    {
        question = default;
        if (message.Length < HeaderBytes || (message[2] & 0x80) != 0)
            return false;
        ReadOnlySpan<byte> header = message[..HeaderBytes];
        if ((message[2] >> 3 & 15) != 0)
        {
            question = new DnsQuestion { Header = header, Problem = DnsCode.NotImplemented };
            return true;
        }

        int end = ReadName(message, HeaderBytes, buffer, out int chars);
        if (BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1 || end < 0 || message.Length < end + 4)
        {
            question = new DnsQuestion { Header = header, Problem = DnsCode.BadFormat };
            return true;
        }

        bool isWhole = TryFindEdns(message, end + 4, out bool hasEdns, out int version);
        question = new DnsQuestion
        {
            Header = header,
            Section = message[HeaderBytes..(end + 4)],
            Name = buffer[..chars],
            Type = BinaryPrimitives.ReadUInt16BigEndian(message[end..]),
            Class = BinaryPrimitives.ReadUInt16BigEndian(message[(end + 2)..]),
            HasEdns = hasEdns,
            EdnsVersion = version,
            Problem = !isWhole ? DnsCode.BadFormat : version != 0 ? DnsCode.BadVersion : DnsCode.Success,
        };
        return true;
    }

    // A name of a question cannot point backwards to anything, so pointers are bad format here. Characters that no name
    // of ours has become one that no name has.
    private static int ReadName(ReadOnlySpan<byte> message, int at, Span<char> buffer, out int chars)
    {
        chars = 0;
        while (at < message.Length && message[at] != 0)
        {
            int length = message[at++];
            if (length > 63 || length > message.Length - at || chars + length + 1 > MaxNameChars - 1)
                return -1;
            if (chars > 0)
                buffer[chars++] = '.';
            foreach (byte one in message.Slice(at, length))
            {
                char c = char.ToLowerInvariant((char)one);
                buffer[chars++] = c is >= 'a' and <= 'z' or >= '0' and <= '9' or '-' ? c : '?';
            }

            at += length;
        }

        return at < message.Length ? at + 1 : -1;
    }

    private static bool TryFindEdns(ReadOnlySpan<byte> message, int at, out bool found, out int version)
    {
        found = false;
        version = 0;
        int records = 0;
        for (int section = 6; section <= 10; section += 2)
            records += BinaryPrimitives.ReadUInt16BigEndian(message[section..]);
        if (records > MaxRecords)
            return false;
        for (; records > 0; records--)
        {
            at = SkipName(message, at);
            if (at < 0 || message.Length < at + 10)
                return false;
            int type = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
            if (type == DnsType.Opt)
                (found, version) = (true, message[at + 5]);
            at += 10 + BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
            if (at > message.Length)
                return false;
        }

        return true;
    }

    // A pointer ends a name; where it points to does not matter.
    private static int SkipName(ReadOnlySpan<byte> message, int at)
    {
        for (int labels = 0; labels < MaxLabels && at < message.Length; labels++)
        {
            int length = message[at];
            if (length == 0)
                return at + 1;
            if (length >= 0xC0)
                return at + 2;
            at += 1 + length;
        }

        return -1;
    }
}
