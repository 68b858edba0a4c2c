using System.Text.Json.Nodes;

namespace VioActors.Bench;

/// <summary>What a benchmark measured, in the order it was added.</summary>
internal sealed class Figures
{
    private readonly List<(string Name, JsonNode Value, string Meaning)> _all = [];

    /// <summary>Why the run is a failure; null when all held.</summary>
    public string? Failure { get; set; }

    /// <summary>Adds a whole number.</summary>
    public void Add(string name, long value, string meaning) => _all.Add((name, JsonValue.Create(value), meaning));

    /// <summary>Adds a number with as many digits as noise leaves meaningful: three.</summary>
    public void Add(string name, double value, string meaning) =>
        _all.Add((name, JsonValue.Create(ThreeDigits(value)), meaning));

    /// <summary>Adds a word.</summary>
    public void Add(string name, string value, string meaning) => _all.Add((name, JsonValue.Create(value), meaning));

    /// <summary>Adds a value as it is: a group of figures, or one that does not vary from run to run.</summary>
    public void AddExact(string name, JsonNode value, string meaning) => _all.Add((name, value, meaning));

    /// <summary>All figures as one JSON object.</summary>
    public JsonObject ToJson() => new(
        _all.Select(one => KeyValuePair.Create(one.Name, (JsonNode?)one.Value.DeepClone())));

    /// <summary>A table of lines: name, value, meaning.</summary>
    public IEnumerable<string> ToLines()
    {
        var flat = _all.SelectMany(Flat).ToList();
        var names = flat.Select(one => one.Name.Length).DefaultIfEmpty().Max();
        var values = flat.Select(one => one.Value.ToString().Length).DefaultIfEmpty().Max();
        return flat.Select(one =>
            $"{one.Name.PadRight(names)}  {one.Value.ToString().PadLeft(values)}  {one.Meaning}");
    }

    private static IEnumerable<(string Name, JsonNode Value, string Meaning)> Flat(
        (string Name, JsonNode Value, string Meaning) one) =>
        one.Value is JsonObject group
            ? group.SelectMany(each => Flat(($"{one.Name}.{each.Key}", each.Value!, one.Meaning)))
            : [one];

    /// <summary>Rounded to three digits.</summary>
    public static double ThreeDigits(double value)
    {
        if (value == 0 || !double.IsFinite(value)) return 0;
        var digits = 2 - (int)Math.Floor(Math.Log10(Math.Abs(value)));
        return digits > 0 ? Math.Round(value, Math.Min(digits, 15)) : Math.Round(value);
    }
}
