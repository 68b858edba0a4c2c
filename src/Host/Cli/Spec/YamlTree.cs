using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace VioActors.Daemon.Cli;

/// <summary>A value in a YAML file, with its place.</summary>
internal abstract record YamlValue(YamlPlace Place);

/// <summary>
/// A plain or quoted text; <paramref name="IsNull"/> when it was left empty or written as <c>null</c> or <c>~</c>.
/// </summary>
internal sealed record YamlText(YamlPlace Place, string Text, bool IsNull) : YamlValue(Place);

/// <summary>A list.</summary>
internal sealed record YamlList(YamlPlace Place, IReadOnlyList<YamlValue> Items) : YamlValue(Place);

/// <summary>Keys and values in the order of the file; no key twice.</summary>
internal sealed record YamlMap(YamlPlace Place, IReadOnlyList<(YamlText Key, YamlValue Value)> Pairs)
    : YamlValue(Place);

/// <summary>
/// Reads one YAML document into a small tree. Bounded: no anchors, aliases or tags (so nothing can multiply itself), at
/// most
/// <see cref="MostDepth"/> levels and <see cref="MostValues"/> values.
/// </summary>
internal sealed class YamlTree
{
    /// <summary>Levels of nesting.</summary>
    public const int MostDepth = 8;

    /// <summary>Values in one file.</summary>
    public const int MostValues = 20_000;

    private readonly string _file;
    private readonly IParser _parser;
    private int _values;

    private YamlTree(string file, string text) => (_file, _parser) = (file, new Parser(new StringReader(text)));

    /// <summary>Reads all of <paramref name="text"/>; <paramref name="file"/> is for messages.</summary>
    /// <exception cref="SpecException">It is not one well-formed document within the limits.</exception>
    public static YamlValue Read(string file, string text)
    {
        try
        {
            var tree = new YamlTree(file, text);
            tree._parser.Consume<StreamStart>();
            if (tree._parser.TryConsume<StreamEnd>(out var end))
                throw YamlPlace.Of(file, end.Start).Error("the file is empty.", "Write what shall be read from it.");
            tree._parser.Consume<DocumentStart>();
            var value = tree.Value(1);
            tree._parser.Consume<DocumentEnd>();
            if (tree._parser.TryConsume<DocumentStart>(out var second))
                throw YamlPlace.Of(file, second.Start).Error(
                    "a second document starts here.", "Write one environment per file.");
            return value;
        }
        catch (YamlException bad)
        {
            throw YamlPlace.Of(file, bad.Start).Error(
                $"this is not YAML: {bad.Message.TrimEnd('.')}.", "Correct this line.");
        }
    }

    private YamlValue Value(int depth)
    {
        var start = _parser.Current ?? throw new InvalidOperationException("The parser stands before its first event.");
        var place = YamlPlace.Of(_file, start.Start);
        if (depth > MostDepth) throw place.Error($"more than {MostDepth} levels of nesting.", "A spec has three.");
        if (++_values > MostValues) throw place.Error($"more than {MostValues} values.", "Split the environment.");
        if (start is NodeEvent { Anchor.IsEmpty: false } or AnchorAlias)
            throw place.Error("anchors and aliases are not allowed.", "Write the value out.");
        if (start is NodeEvent { Tag.IsEmpty: false } tagged)
            throw place.Error($"the tag '{tagged.Tag}' is not allowed.", "Remove it.");
        if (_parser.TryConsume<SequenceStart>(out _)) return List(place, depth);
        if (_parser.TryConsume<MappingStart>(out _)) return Map(place, depth);
        var scalar = _parser.Consume<Scalar>();
        var plain = scalar.Style is ScalarStyle.Plain;
        return new YamlText(place, scalar.Value, plain && scalar.Value is "" or "~" or "null");
    }

    private YamlList List(YamlPlace place, int depth)
    {
        var items = new List<YamlValue>();
        while (!_parser.TryConsume<SequenceEnd>(out _)) items.Add(Value(depth + 1));
        return new YamlList(place, items);
    }

    private YamlMap Map(YamlPlace place, int depth)
    {
        var pairs = new List<(YamlText, YamlValue)>();
        var seen = new HashSet<string>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (Value(depth + 1) is not YamlText key) throw place.Error("a key must be a word.", "Write 'key: value'.");
            if (!seen.Add(key.Text)) throw key.Place.Error($"'{key.Text}' is there twice.", "Keep one of them.");
            pairs.Add((key, Value(depth + 1)));
        }

        return new YamlMap(place, pairs);
    }
}
