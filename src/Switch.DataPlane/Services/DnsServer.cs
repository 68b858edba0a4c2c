using System.Buffers.Binary;
using System.Globalization;

namespace VioActors.Switch.DataPlane;

/// <summary>
/// Names from the table: <c>name</c> and <c>name.domain</c> of the environment's nodes, and the names of their
/// addresses. It asks nobody else, so other names are refused, which tells a resolver to ask its next server at once.
/// </summary>
internal static class DnsServer
{
    private const int HeaderBytes = DnsQuestion.HeaderBytes;
    private const int Internet = 1;
    private const int AnyClass = 255;
    private const int Seconds = 60;
    private const int UdpBytes = 1232;
    private const string Reverse4 = ".in-addr.arpa";
    private const string Reverse6 = ".ip6.arpa";

    /// <summary>Writes the answer; returns its length, 0 when the message is none that can be answered.</summary>
    /// <param name="buffer">For at least 1024 bytes.</param>
    /// <param name="message">The question.</param>
    /// <param name="environment">Whose names are told; has services.</param>
    public static int Answer(Span<byte> buffer, ReadOnlySpan<byte> message, SwitchEnvironment environment)
    {
        Span<char> name = stackalloc char[DnsQuestion.MaxNameChars];
        if (!DnsQuestion.TryParse(message, name, out DnsQuestion question))
            return 0;
        EnvironmentServices services = environment.Services!;
        DnsCode code = question.Problem;
        MacEntry? found = null;
        bool isOurs = false;
        if (code == DnsCode.Success)
        {
            bool isInternet = question.Class is Internet or AnyClass;
            isOurs = isInternet && TryResolve(question.Name, environment, out found, out code);
            if (!isInternet)
                code = DnsCode.Refused;
        }

        var reply = new ReplyWriter(buffer);
        reply.Bytes(question.Header[..2]);
        reply.UInt16(0x8000 | (isOurs ? 0x0400 : 0) | (question.Header[2] & 0x79) << 8 | (int)code & 15);
        reply.UInt16(question.Section.Length > 0 ? 1 : 0);
        reply.Zeros(6);
        reply.Bytes(question.Section);
        int answers = found is null || code != DnsCode.Success
            ? 0
            : Records(ref reply, question.Type, question.Name, services, found);
        if (isOurs && answers == 0)
            Authority(ref reply, services.Plan);
        if (question.HasEdns)
            Edns(ref reply, code);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[6..], (ushort)answers);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[8..], (ushort)(isOurs && answers == 0 ? 1 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(buffer[10..], (ushort)(question.HasEdns ? 1 : 0));
        return reply.Length;
    }

    /// <summary>Finds whom a name means.</summary>
    /// <returns>Whether the name is ours to answer.</returns>
    private static bool TryResolve(
        ReadOnlySpan<char> name, SwitchEnvironment environment, out MacEntry? found, out DnsCode code)
    {
        EnvironmentServices services = environment.Services!;
        string domain = services.Plan.Domain;
        found = null;
        bool exists = false, isOurs;
        if (name.EndsWith(Reverse4))
        {
            isOurs = TryReadReverse4(name[..^Reverse4.Length], out Ipv4 ip) && services.Plan.IsInSubnet(ip);
            found = isOurs ? environment.Find(ip) : null;
        }
        else if (name.EndsWith(Reverse6))
        {
            isOurs = TryReadReverse6(name[..^Reverse6.Length], out Ipv6 ip) && services.Plan.Ip6.IsSet
                && ip.HasPrefixOf(services.Plan.Ip6);
            found = isOurs ? environment.Find(ip) : null;
        }
        else
        {
            bool isBelow = name.Length > domain.Length + 1 && name.EndsWith(domain)
                && name[^(domain.Length + 1)] == '.';
            exists = name.SequenceEqual(domain);
            isOurs = isBelow || exists || name.Length > 0 && !name.Contains('.');
            if (isOurs && !exists)
                found = services.Find(isBelow ? name[..^(domain.Length + 1)] : name);
        }

        if (found is not null && !services.NameOf.ContainsKey(found.Mac.Value))
            found = null;
        exists |= found is not null;
        code = !isOurs ? DnsCode.Refused : exists ? DnsCode.Success : DnsCode.NoName;
        return isOurs;
    }

    private static int Records(
        ref ReplyWriter reply, int type, scoped ReadOnlySpan<char> name, EnvironmentServices services, MacEntry found)
    {
        if (name.EndsWith(".arpa"))
        {
            if (type is not (DnsType.Ptr or DnsType.Any))
                return 0;
            Head(ref reply, DnsType.Ptr);
            int start = reply.Length;
            reply.Name(services.NameOf[found.Mac.Value] + "." + services.Plan.Domain);
            reply.SetLength16(start);
            return 1;
        }

        int answers = 0;
        if (type is DnsType.A or DnsType.Any)
        {
            Head(ref reply, DnsType.A);
            int start = reply.Length;
            reply.UInt32(found.Ip.Value);
            reply.SetLength16(start);
            answers++;
        }

        if (type is DnsType.Aaaa or DnsType.Any && found.Ip6.IsSet)
        {
            Head(ref reply, DnsType.Aaaa);
            int start = reply.Length;
            reply.Ip(found.Ip6);
            reply.SetLength16(start);
            answers++;
        }

        return answers;
    }

    // The name of the question, and two bytes for the length.
    private static void Head(ref ReplyWriter reply, int type)
    {
        reply.UInt16(0xC000 | HeaderBytes);
        reply.UInt16(type);
        reply.UInt16(Internet);
        reply.UInt32(Seconds);
        reply.UInt16(0);
    }

    // How long "there is none" may be remembered (RFC 2308): a node may come at any time.
    private static void Authority(ref ReplyWriter reply, ServicePlan plan)
    {
        const uint NegativeSeconds = 5;
        reply.Name(plan.Domain);
        reply.UInt16(DnsType.Soa);
        reply.UInt16(Internet);
        reply.UInt32(NegativeSeconds);
        reply.UInt16(0);
        int start = reply.Length;
        reply.Name("switch." + plan.Domain);
        reply.Name("hostmaster." + plan.Domain);
        foreach (uint value in (ReadOnlySpan<uint>)[1, 3600, 600, 86_400, NegativeSeconds])
            reply.UInt32(value);
        reply.SetLength16(start);
    }

    private static void Edns(ref ReplyWriter reply, DnsCode code)
    {
        reply.Byte(0);
        reply.UInt16(DnsType.Opt);
        reply.UInt16(UdpBytes);
        reply.UInt32((uint)code >> 4 << 24);
        reply.UInt16(0);
    }

    private static bool TryReadReverse4(ReadOnlySpan<char> text, out Ipv4 ip)
    {
        ip = default;
        uint value = 0;
        int parts = 0;
        foreach (Range range in text.Split('.'))
        {
            ReadOnlySpan<char> part = text[range];
            if (parts == 4 || part.Length is 0 or > 3
                || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out byte number))
            {
                return false;
            }

            value |= (uint)number << 8 * parts++;
        }

        ip = new Ipv4(value);
        return parts == 4;
    }

    private static bool TryReadReverse6(ReadOnlySpan<char> text, out Ipv6 ip)
    {
        ip = default;
        if (text.Length != 63)
            return false;
        ulong high = 0, low = 0;
        for (int i = 0; i < 32; i++)
        {
            char c = text[62 - 2 * i];
            if (!char.IsAsciiHexDigitLower(c) || i > 0 && text[63 - 2 * i] != '.')
                return false;
            ulong digit = (ulong)(c <= '9' ? c - '0' : c - 'a' + 10);
            (high, low) = (high << 4 | low >> 60, low << 4 | digit);
        }

        ip = new Ipv6(high, low);
        return true;
    }
}
