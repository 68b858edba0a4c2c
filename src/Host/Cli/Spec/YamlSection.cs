using System.Globalization;

namespace VioActors.Daemon.Cli;

/// <summary>
/// One map of a spec with a fixed set of keys: takes values out and refuses what is unknown or missing.
/// </summary>
internal sealed class YamlSection
{
    private readonly string _what;
    private readonly YamlMap _map;

    /// <summary>Opens <paramref name="value"/>, which must be a map with no other keys than these.</summary>
    /// <exception cref="SpecException">It is no map, or has an unknown key.</exception>
    public YamlSection(string what, YamlValue value, params IReadOnlyList<string> keys)
    {
        _what = what;
        _map = value as YamlMap
            ?? throw value.Place.Error($"{what} must be a list of 'key: value' lines.", "Write them so.");
        foreach (var (key, _) in _map.Pairs.Where(pair => !keys.Contains(pair.Key.Text)))
            throw key.Place.Error(
                $"{what} has no option '{key.Text}'.", Nearest(key.Text, keys) is { } near
                    ? $"Did you mean '{near}'?"
                    : $"Options are {string.Join(", ", keys)}.");
    }

    /// <summary>Where it starts.</summary>
    public YamlPlace Place => _map.Place;

    /// <summary>Where the value of a key is; the section's own place when it is not there.</summary>
    public YamlPlace PlaceOf(string key) => Find(key)?.Place ?? Place;

    /// <summary>A text that must be there.</summary>
    public string Required(string key) =>
        Text(key) ?? throw Place.Error($"{_what} has no '{key}'.", $"Add a line '{key}: ...'.");

    /// <summary>A text; null when it is not there.</summary>
    public string? Text(string key) => Find(key) switch
    {
        null or YamlText { IsNull: true } => null,
        YamlText text => text.Text,
        { } other => throw other.Place.Error($"'{key}' must be one value.", $"Write '{key}: value' on one line."),
    };

    /// <summary>A number in its range; the default when it is not there.</summary>
    public int Number(string key, int missing, int lowest, int highest)
    {
        if (Text(key) is not { } text) return missing;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= lowest && number <= highest)
            return number;
        throw PlaceOf(key).Error(
            $"{key} '{text}' is not allowed.", $"Write a whole number from {lowest} to {highest}.");
    }

    /// <summary>A value in units; the default when it is not there.</summary>
    public T Measure<T>(string key, T missing, Func<string, T> parse)
    {
        if (Text(key) is not { } text) return missing;
        try
        {
            return parse(text);
        }
        catch (FormatException bad)
        {
            throw PlaceOf(key).Error($"{key} {bad.Message}", "Correct this value.");
        }
    }

    /// <summary>A map below a key; null when it is not there.</summary>
    public YamlSection? Section(string key, string what, IReadOnlyList<string> keys) => Find(key) switch
    {
        null or YamlText { IsNull: true } => null,
        { } value => new YamlSection(what, value, keys),
    };

    /// <summary>The items of a list that must be there.</summary>
    public IReadOnlyList<YamlValue> List(string key) => Find(key) switch
    {
        YamlList list => list.Items,
        null => throw Place.Error($"{_what} has no '{key}'.", $"Add '{key}:' and below it one '- ' per item."),
        { } other => throw other.Place.Error($"'{key}' must be a list.", "Write one '- ' per item."),
    };

    /// <summary>The items of a list; none when it is not there.</summary>
    public IReadOnlyList<YamlValue> ListOrNone(string key) =>
        Find(key) is null or YamlText { IsNull: true } ? [] : List(key);

    private YamlValue? Find(string key) => _map.Pairs.FirstOrDefault(pair => pair.Key.Text == key).Value;

    private static string? Nearest(string wrong, IReadOnlyList<string> keys) =>
        keys.FirstOrDefault(key =>
            string.Equals(key, wrong, StringComparison.OrdinalIgnoreCase)
            || (wrong.Length > 2 && (key.StartsWith(wrong, StringComparison.OrdinalIgnoreCase)
                || wrong.StartsWith(key, StringComparison.OrdinalIgnoreCase)))
            || key.Replace("MiB", "").Equals(wrong.Replace("_", ""), StringComparison.OrdinalIgnoreCase));
}
