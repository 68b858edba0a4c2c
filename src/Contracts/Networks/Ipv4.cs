namespace VioActors.Contracts.Networks;

/// <summary>IPv4 addresses as numbers; only the plain dotted form is read, so that a text has one meaning.</summary>
public static class Ipv4
{
    /// <summary>Reads four decimal parts without leading zeros; false for everything else.</summary>
    public static bool TryParse(string? text, out uint address)
    {
        address = 0;
        var parts = (text ?? "").Split('.');
        if (parts.Length != 4)
            return false;
        foreach (var part in parts)
        {
            if (part.Length is 0 or > 3 || part.AsSpan().IndexOfAnyExceptInRange('0', '9') >= 0)
                return false;
            var value = int.Parse(part);
            if (value > 255 || (part.Length > 1 && part[0] == '0'))
                return false;
            address = (address << 8) | (uint)value;
        }
        return true;
    }

    /// <summary>The dotted form.</summary>
    public static string Format(uint address) =>
        $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}";
}
