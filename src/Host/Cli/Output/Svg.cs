using System.Globalization;
using System.Xml.Linq;

namespace VioActors.Daemon.Cli;

/// <summary>The few shapes that charts are made of. Sizes are in pixels.</summary>
internal static class Svg
{
    /// <summary>Its namespace.</summary>
    public static readonly XNamespace Name = "http://www.w3.org/2000/svg";

    /// <summary>A picture with a white ground.</summary>
    public static XElement Picture(double width, double height, params IEnumerable<object?> content) =>
        new(Name + "svg",
            new XAttribute("width", width), new XAttribute("height", height),
            new XAttribute("viewBox", $"0 0 {width} {height}"), new XAttribute("font-family", "sans-serif"),
            Bar(0, 0, width, height, "#ffffff"), content);

    /// <summary>A filled rectangle.</summary>
    public static XElement Bar(double x, double y, double width, double height, string colour) =>
        new(Name + "rect", new XAttribute("x", Number(x)), new XAttribute("y", Number(y)),
            new XAttribute("width", Number(width)), new XAttribute("height", Number(height)),
            new XAttribute("fill", colour));

    /// <summary>A text; <paramref name="y"/> is its base line.</summary>
    public static XElement Text(
        double x, double y, string text, int size, string weight = "normal", string anchor = "start") =>
        new(Name + "text", new XAttribute("x", Number(x)), new XAttribute("y", Number(y)),
            new XAttribute("font-size", size), new XAttribute("font-weight", weight),
            new XAttribute("text-anchor", anchor), new XAttribute("fill", "#111827"), text);

    /// <summary>A line through points.</summary>
    public static XElement Line(IEnumerable<(double X, double Y)> points, string colour, double thickness) =>
        new(Name + "polyline",
            new XAttribute("points", string.Join(' ', points.Select(one => $"{Number(one.X)},{Number(one.Y)}"))),
            new XAttribute("fill", "none"), new XAttribute("stroke", colour),
            new XAttribute("stroke-width", Number(thickness)));

    private static string Number(double value) => Math.Round(value, 1).ToString(CultureInfo.InvariantCulture);
}
