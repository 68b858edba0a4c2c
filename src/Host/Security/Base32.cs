namespace VioActors.Daemon.Security;

/// <summary>RFC 4648 base 32 in lower case and without padding: survives being read aloud and typed.</summary>
internal static class Base32
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>The text of these octets.</summary>
    public static string Encode(ReadOnlySpan<byte> octets)
    {
        var text = new System.Text.StringBuilder((octets.Length * 8 + 4) / 5);
        var (buffer, bits) = (0, 0);
        foreach (var octet in octets)
        {
            buffer = (buffer << 8) | octet;
            for (bits += 8; bits >= 5; bits -= 5)
                text.Append(Alphabet[(buffer >> (bits - 5)) & 31]);
            buffer &= (1 << bits) - 1;
        }
        if (bits > 0)
            text.Append(Alphabet[(buffer << (5 - bits)) & 31]);
        return text.ToString();
    }

    /// <summary>The octets of this text; upper case is fine.</summary>
    /// <exception cref="FormatException">It holds another character, or bits are left over.</exception>
    public static byte[] Decode(ReadOnlySpan<char> text)
    {
        var octets = new byte[text.Length * 5 / 8];
        var (buffer, bits, count) = (0, 0, 0);
        foreach (var letter in text)
        {
            var value = Alphabet.IndexOf(char.ToLowerInvariant(letter));
            if (value < 0)
                throw new FormatException("A character is not part of base 32 (a to z, 2 to 7).");
            buffer = (buffer << 5) | value;
            bits += 5;
            if (bits < 8)
                continue;
            bits -= 8;
            octets[count++] = (byte)(buffer >> bits);
            buffer &= (1 << bits) - 1;
        }
        if (bits >= 5 || buffer != 0)
            throw new FormatException("The text is cut off.");
        return octets;
    }
}
