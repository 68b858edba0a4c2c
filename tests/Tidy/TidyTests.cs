namespace VioActors.Tidy;

public sealed class TidyTests
{
    public static TheoryData<string> RuleNames => [.. Rules.All.Select(rule => rule.Name)];

    [Theory]
    [MemberData(nameof(RuleNames))]
    public void The_repository_keeps(string rule) => AssertNone(Named(rule).Findings(SourceTree.Files));

    [Fact]
    public void Projects_reference_only_what_the_design_allows() => AssertNone(Arrows.Broken(SourceTree.Files));

    [Fact]
    public void Documents_have_no_dead_links() => AssertNone(
        Rules.DeadLinks(SourceTree.Files, path => Path.Exists(Path.Combine(SourceTree.Root, path))));

    [Fact]
    public void Code_in_documents_is_code_of_the_samples() =>
        AssertNone(Rules.UncompiledCode(SourceTree.Files));

    [Fact]
    public void A_planted_line_of_uncompiled_code_is_found() => Assert.Single(Rules.UncompiledCode(
        [
            SourceFile.Of("docs/a.md", "text\n```csharp\n  live();\n\ndead();\n```\ntext"),
            SourceFile.Of("samples/A/A.cs", "{\n    live();\n}"),
        ]));

    [Fact]
    public void The_tree_is_really_read() => Assert.True(SourceTree.Files.Count(file => file.IsCode) > 50);

    // Each rule finds a violation planted for it; a rule without a plant fails here.
    [Theory]
    [MemberData(nameof(RuleNames))]
    public void A_planted_violation_is_found(string rule) => Assert.Single(Named(rule).Findings([Plant(rule)]));

    [Theory]
    [InlineData("Runtime", "Contracts")]
    [InlineData("Actors.Site", "Actors.Host")]
    [InlineData("Libvirt", "Runtime")]
    [InlineData("NewProject", "Runtime")]
    [InlineData("Simulation", "Host")]
    public void A_planted_arrow_is_found(string from, string to) => Assert.Single(Arrows.Broken(
        [
            SourceFile.Of(
                $"src/{from}/{from}.csproj",
                $"<Project><ProjectReference Include='../{to}/{to}.csproj' /></Project>"),
        ]));

    [Fact]
    public void A_planted_dead_link_is_found() => Assert.Single(Rules.DeadLinks(
        [SourceFile.Of("docs/a.md", "[dead](b.md) [live](c.md#part) [far](https://example.org/)")],
        path => path == "docs/c.md"));

    private static Rule Named(string rule) => Rules.All.Single(one => one.Name == rule);

    // Not Assert.Empty: it would cut the list, and the list is what a person needs.
    private static void AssertNone(IEnumerable<string> findings)
    {
        var found = findings.ToArray();
        Assert.True(found.Length == 0, string.Join('\n', found));
    }

    private static SourceFile Plant(string rule) => rule switch
    {
        "file over 400 lines" => SourceFile.Of("src/Host/A.cs", new string('\n', 401)),
        "line over 120 columns" => SourceFile.Of("src/Host/A.cs", new string('x', 121)),
        "folder too deep" => SourceFile.Of("src/Host/A/B/C/D.cs", ""),
        "native call outside of its homes" => SourceFile.Of("src/Host/A.cs", "[LibraryImport(\"c\")]"),
        "unsafe outside of its homes" => SourceFile.Of("src/Host/A.cs", "internal unsafe int X;"),
        "unsafe without a SAFETY comment" => SourceFile.Of("src/Libvirt/A.cs", "unsafe\n// SAFETY: too late\n"),
        "unfinished work" => SourceFile.Of("docs/a.md", "TODO: write"),
        "silenced warning" => SourceFile.Of("src/A/A.csproj", "<NoWarn>CS1591</NoWarn>"),
        "region" => SourceFile.Of("src/A/A.cs", "  #region fields"),
        "path of a builder's machine" => SourceFile.Of("docs/a.md", "see /home/ann/notes"),
        "placeholder test" => SourceFile.Of("tests/A.Tests/PlaceholderTests.cs", ""),
        "name says nothing" => SourceFile.Of("src/A/A.cs", "internal sealed class MoveManager;"),
        _ => throw new InvalidOperationException($"plant a violation for '{rule}'"),
    };
}
